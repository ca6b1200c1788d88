package dev.mediator.benchmarks;

import dev.mediator.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/** The first linear layer of an MLP, D to 4·D: on the kernel that the library chooses, on libtorch's choice, and with GELU. */
public class LinearBenchmark extends InnerBenchmark {
    private Tensor weight; // [4·D, D]
    private Tensor bias; // [4·D]

    /** Makes the weights. */
    @Setup
    public void makeWeights(Tokens in) {
        weight = in.kept.normal(4L * in.width, in.width);
        bias = in.kept.normal(4L * in.width);
    }

    /** {@link Ops#linear}, through oneDNN. */
    @Benchmark
    public long oneDnn(Tokens in) {
        return infer(() -> Ops.linear(in.x, weight, bias));
    }

    /** libtorch's own. */
    @Benchmark
    public long torchLinear(Tokens in) {
        return infer(() -> torch.linear(in.x, weight, new TensorOptional(bias)));
    }

    /** {@link Ops#linearGeluTanh}, in one pass over memory. */
    @Benchmark
    public long oneDnnWithGelu(Tokens in) {
        return infer(() -> Ops.linearGeluTanh(in.x, weight, bias));
    }

    /** The same in two. */
    @Benchmark
    public long torchLinearThenGelu(Tokens in) {
        return infer(() -> torch.gelu(torch.linear(in.x, weight, new TensorOptional(bias)), "tanh"));
    }
}
