package dev.mediator.benchmarks;

import dev.mediator.tensor.DType;
import dev.mediator.training.AdamW;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** An update of all weights: AdamW over flat buffers. */
public class OptimizerBenchmark extends InnerBenchmark {
    /** Number of weights; SiT-S has 33 million. */
    @Param({"1000000", "33000000"})
    int parameters;

    private KeptTensors kept;
    private Tensor values;
    private Tensor gradients;
    private AdamW optimizer;

    /** Makes weights and gradients. */
    @Setup
    public void makeBuffers() {
        kept = new KeptTensors(DType.F32);
        values = kept.normal(parameters);
        gradients = kept.normal(parameters);
        optimizer = new AdamW(AdamW.Config.DEFAULT, values);
    }

    /** Frees them and the moments. */
    @TearDown
    public void free() {
        optimizer.close();
        kept.close();
    }

    /** One step. */
    @Benchmark
    public long step() {
        try (NoGradGuard guard = new NoGradGuard()) {
            optimizer.step(values, gradients, 1);
            return optimizer.steps();
        }
    }
}
