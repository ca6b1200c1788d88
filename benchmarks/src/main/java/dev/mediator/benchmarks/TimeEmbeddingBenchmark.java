package dev.mediator.benchmarks;

import dev.mediator.nn.TimeEmbedding;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** The embedding of t: sines and cosines, and an MLP. */
public class TimeEmbeddingBenchmark extends InnerBenchmark {
    /** B. */
    @Param("4")
    int batch;

    /** D. */
    @Param({"384", "1152"})
    int width;

    /** What the layer computes in. */
    @Param({"fp32", "bf16"})
    String dtype;

    private KeptTensors kept;
    private TimeEmbedding layer;
    private Tensor t; // [B] fp32

    /** Makes the layer. */
    @Setup
    public void makeLayer() {
        kept = new KeptTensors(DType.parse(dtype));
        layer = new TimeEmbedding(kept.parameters(), width);
        t = kept.keep(() -> Tensors.full(0.5, batch));
    }

    /** Frees it. */
    @TearDown
    public void free() {
        kept.close();
    }

    /** The whole layer. */
    @Benchmark
    public long embedding() {
        return infer(() -> layer.apply(t));
    }
}
