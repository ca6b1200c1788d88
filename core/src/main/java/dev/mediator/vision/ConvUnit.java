package dev.mediator.vision;

import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Convolution, batch normalisation with fixed statistics, activation. The normalisation is folded in: γ·(W∗x − μ)/√(σ²+ε)
 * + β is the convolution with W·γ/√(σ²+ε) and bias β − μ·γ/√(σ²+ε).
 */
final class ConvUnit implements Layer {
    /** ε of the batch normalisation in both published networks. */
    private static final double EPSILON = 0.001;

    /**
     * Sizes of a convolution.
     *
     * @param in input channels
     * @param out output channels
     * @param height rows of the kernel
     * @param width columns of the kernel
     * @param stride step along both axes
     * @param groups 1, or {@code in} for a convolution of each channel by itself
     * @param padding at the border
     */
    record Shape(long in, long out, long height, long width, long stride, long groups, Padding padding) {
        /** Stride 1, same size. */
        static Shape same(long in, long out, long height, long width) {
            return new Shape(in, out, height, width, 1, 1, Padding.SAME);
        }

        /** A square kernel that sees whole windows only. */
        static Shape valid(long in, long out, long kernel, long stride) {
            return new Shape(in, out, kernel, kernel, stride, 1, Padding.VALID);
        }

        private long[] weight() {
            return new long[] {out, in / groups, height, width};
        }
    }

    private final Shape shape;
    private final Activation activation;
    private final Tensor weight; // [out, in/groups, h, w]
    private final Tensor bias; // [out]

    /**
     * Takes {@code convolution.weight} and the four tensors of {@code normalization}.
     *
     * @param owned keeps the folded tensors alive
     */
    ConvUnit(
            ParameterSource source,
            String convolution,
            String normalization,
            Shape shape,
            Activation activation,
            OwnedTensors owned) {
        this.shape = shape;
        this.activation = activation;
        try (Scope scope = Scope.open()) {
            Tensor raw = source.get(convolution + ".weight", Init.XAVIER_UNIFORM, shape.weight());
            Tensor gamma = statistic(source, normalization + ".weight");
            Tensor beta = statistic(source, normalization + ".bias");
            Tensor mean = statistic(source, normalization + ".running_mean");
            Tensor variance = statistic(source, normalization + ".running_var");
            Tensor scale = gamma.div(Ops.add(variance, EPSILON).sqrt()); // [out] in fp64
            Tensor scaled = Tensors.to(raw, DType.F64).mul(scale.view(shape.out, 1, 1, 1));
            // Convolutions over channels-last memory need no conversion to oneDNN's own layout and back.
            weight = owned.add(scope, Tensors.to(scaled, DType.F32).contiguous(torch.MemoryFormat.ChannelsLast));
            bias = owned.add(scope, Tensors.to(beta.sub(mean.mul(scale)), DType.F32));
        }
    }

    private Tensor statistic(ParameterSource source, String name) {
        return Tensors.to(source.get(name, Init.ZERO, shape.out), DType.F64);
    }

    @Override
    public Tensor apply(Tensor x) {
        return Scope.keepResult(() -> {
            long rows = shape.padding.total(x.size(2), shape.height, shape.stride);
            long columns = shape.padding.total(x.size(3), shape.width, shape.stride);
            boolean even = rows % 2 == 0 && columns % 2 == 0;
            Tensor in =
                    even ? x : torch.constant_pad_nd(x, columns / 2, columns - columns / 2, rows / 2, rows - rows / 2);
            long[] padding = even ? new long[] {rows / 2, columns / 2} : new long[] {0, 0};
            Tensor y = Ops.convolution(in, weight, bias, shape.stride, padding, shape.groups);
            return activation.applyInPlace(y);
        });
    }
}
