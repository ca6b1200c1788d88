package dev.mediator.benchmarks;

import dev.mediator.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/** The 3×3 convolution of the values' map, each channel by itself. */
public class DepthwiseConvolutionBenchmark extends InnerBenchmark {
    private Tensor map; // [B, D, h, w], channels-last
    private Tensor kernel; // [D, 1, 3, 3]
    private Tensor bias; // [D]

    /** Makes map and kernel. */
    @Setup
    public void makeMap(Tokens in) {
        map = in.kept.keep(
                () -> in.x.view(in.batch, in.grid(), in.grid(), in.width).permute(0, 3, 1, 2));
        kernel = in.kept.normal(in.width, 1, 3, 3);
        bias = in.kept.normal(in.width);
    }

    /** {@link Ops#depthwiseConvolution}. */
    @Benchmark
    public long convolution() {
        return infer(() -> Ops.depthwiseConvolution(map, kernel, bias));
    }
}
