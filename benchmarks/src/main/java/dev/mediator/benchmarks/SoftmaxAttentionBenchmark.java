package dev.mediator.benchmarks;

import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.SoftmaxAttention;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/** Attention between all pairs of tokens, with its projections. */
public class SoftmaxAttentionBenchmark extends InnerBenchmark {
    private SoftmaxAttention layer;

    /** Makes the layer. */
    @Setup
    public void makeLayer(Tokens in) {
        layer = new SoftmaxAttention(in.kept.parameters(), in.width, in.heads());
    }

    /** The whole layer. */
    @Benchmark
    public long attention(Tokens in) {
        return infer(() -> layer.infer(in.x, MediatorCount.FULL));
    }
}
