package dev.mediator.benchmarks;

import dev.mediator.nn.MediatorAttention;
import dev.mediator.nn.MediatorCount;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Attention through mediators, with its projections and its convolution, and two of its parts. */
public class MediatorAttentionBenchmark extends InnerBenchmark {
    @Param({"16", "64"})
    int mediators;

    private MediatorCount count;
    private MediatorAttention layer;

    /** Makes the layer. */
    @Setup
    public void makeLayer(Tokens in) {
        count = new MediatorCount(mediators);
        layer = new MediatorAttention(in.kept.parameters(), in.width, in.heads(), in.grid(), List.of(count));
    }

    /** The whole layer. */
    @Benchmark
    public long attention(Tokens in) {
        return infer(() -> layer.infer(in.x, count));
    }

    /** Mediator tokens: the averages of the query map. */
    @Benchmark
    public long pooling(Tokens in) {
        return infer(() -> layer.pool(in.x, count));
    }

    /** The 7×7 maps of biases resized to the tokens', for reading and for writing. */
    @Benchmark
    public long positionBiases() {
        return infer(() -> layer.positionBiases(count).get(1));
    }
}
