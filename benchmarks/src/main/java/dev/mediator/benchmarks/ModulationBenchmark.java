package dev.mediator.benchmarks;

import dev.mediator.nn.Modulation;
import dev.mediator.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/** What a block does around attention and MLP: layer norm, shift and scale; gate and residual. */
public class ModulationBenchmark extends InnerBenchmark {
    private Modulation modulation;
    private Tensor branch; // [B, N, D]

    /** Makes shift, scale and gate, and what stands for the branch's result. */
    @Setup
    public void makeModulation(Tokens in) {
        modulation = new Modulation(
                in.kept.normal(in.batch, 1, in.width),
                in.kept.normal(in.batch, 1, in.width),
                in.kept.normal(in.batch, 1, in.width));
        branch = in.kept.normal(in.batch, in.tokens, in.width);
    }

    /** Before the branch. */
    @Benchmark
    public long normAndModulate(Tokens in) {
        return infer(() -> modulation.modulate(Ops.layerNorm(in.x)));
    }

    /** After it, in place. */
    @Benchmark
    public long gatedResidual(Tokens in) {
        return infer(() -> modulation.addTo(in.x, branch));
    }
}
