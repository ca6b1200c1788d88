package dev.mediator.tensor;

import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The way back through operations of {@link Ops}: from the gradient dy of a result to those of its arguments. */
public final class OpsGradient {
    private OpsGradient() {}

    /**
     * Of the input of {@link Ops#linear}, y = x·Wᵀ + b: dx = dy·W.
     *
     * @param dy [B, N, out], contiguous
     * @param x [B, N, in], contiguous
     * @param weight [out, in]
     */
    public static Tensor linearInput(Tensor dy, Tensor x, Tensor weight) {
        if (OneDnn.serves(x)) {
            return tokens(convolution(pixels(dy), pixels(x), kernel(weight), 0, 1, true));
        }
        return dy.matmul(weight);
    }

    /** Of the weight of {@link Ops#linear}: dW = dyᵀ·x, summed over all rows. Arguments as for its input. */
    public static Tensor linearWeight(Tensor dy, Tensor x, Tensor weight) {
        if (OneDnn.serves(x)) {
            return convolution(pixels(dy), pixels(x), kernel(weight), 0, 1, false).view(Shapes.of(weight));
        }
        return dy.flatten(0, 1).t().matmul(x.flatten(0, 1));
    }

    /**
     * Of the input of {@link Ops#depthwiseConvolution}: dy convolved with the kernel turned by 180°.
     *
     * @param dy [B, D, h, w]
     * @param map [B, D, h, w]
     * @param kernel [D, 1, 3, 3]
     */
    public static Tensor depthwiseInput(Tensor dy, Tensor map, Tensor kernel) {
        return convolution(dy, map, kernel, 1, map.size(1), true);
    }

    /** Of the kernel of {@link Ops#depthwiseConvolution}. Arguments as for its input. */
    public static Tensor depthwiseKernel(Tensor dy, Tensor map, Tensor kernel) {
        return convolution(dy, map, kernel, 1, map.size(1), false);
    }

    /**
     * Of a bias that was added to all rows: their sum, [B, N, D] → [D]. First over tokens, which all cores share, then
     * over samples: as one sum over all rows, or inside the gradient of the convolution, it takes several times as long.
     */
    public static Tensor bias(Tensor dy) {
        ScalarType wide = DType.of(dy) == DType.F64 ? ScalarType.Double : ScalarType.Float;
        return dy.sum(new long[] {1}, false, new ScalarTypeOptional(wide)).sum(0);
    }

    /**
     * Of {@link Ops#normalise}, y = (x − mean)/deviation: dx = (dy − mean(dy) − y·mean(dy·y))/deviation.
     *
     * @param dy of the shape of x
     */
    public static Tensor normalise(Tensor dy, Tensor x, Ops.Normalised y) {
        return new Tensor(torch.native_layer_norm_backward(
                        dy,
                        x,
                        new long[] {x.size(-1)},
                        y.mean(),
                        y.inverse(),
                        new TensorOptional(),
                        new TensorOptional(),
                        asked(true, false))
                .get0());
    }

    /**
     * Of {@link Ops#softmax}, p = softmax(s): ds = p·(dp − Σ p·dp), the sum being over the axis.
     *
     * @param dp becomes ds
     */
    public static Tensor softmax(Tensor dp, Tensor p, long axis) {
        try (Scope scope = Scope.open()) {
            IValue type = new IValue((long) p.scalar_type().intern().value);
            Softmax.BACKWARD.call(new IValue(dp), new IValue(p), new IValue(axis), type, new IValue(dp));
        }
        return dp;
    }

    /** The gradient of the input, or else of the kernel. */
    private static Tensor convolution(
            Tensor dy, Tensor x, Tensor kernel, long padding, long groups, boolean ofInput) {
        try (Scope scope = Scope.open()) {
            T_TensorTensorTensor_T gradients = torch.convolution_backward(
                    dy,
                    x,
                    kernel,
                    new long[] {kernel.size(0)},
                    new long[] {1, 1},
                    new long[] {padding, padding},
                    new long[] {1, 1},
                    false,
                    new long[] {0, 0},
                    groups,
                    asked(ofInput, !ofInput));
            return scope.keep(new Tensor(ofInput ? gradients.get0() : gradients.get1()));
        }
    }

    /** Which of the gradients of input, weight and bias to compute. */
    private static BoolPointer asked(boolean input, boolean weight) {
        BoolPointer mask = new BoolPointer(3);
        return mask.put(0, input).put(1, weight).put(2, false);
    }

    /** The kernel of the 1×1 convolution that the product was: [out, in, 1, 1]. */
    private static Tensor kernel(Tensor weight) {
        return weight.unsqueeze(2).unsqueeze(3);
    }

    /** The inverse of {@link #pixels}. */
    private static Tensor tokens(Tensor pixels) {
        return pixels.permute(0, 2, 3, 1).squeeze(1);
    }

    /** [B, N, D] → [B, D, 1, N] without a copy: channels-last memory. */
    private static Tensor pixels(Tensor x) {
        return x.unsqueeze(1).permute(0, 3, 1, 2);
    }

    /** {@code _softmax_backward_data.grad_input(grad_output, output, dim, input_dtype, grad_input)}. */
    private static final class Softmax {
        static final NamedOperator BACKWARD = new NamedOperator("aten::_softmax_backward_data", "out", 1);
    }
}
