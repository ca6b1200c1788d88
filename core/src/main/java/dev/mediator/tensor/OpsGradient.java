package dev.mediator.tensor;

import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The backward pass through operations of {@link Ops}: from the gradient dy of a result to those of its arguments. */
public final class OpsGradient {
    private OpsGradient() {}

    /**
     * Gradients of an input x, a weight and a bias.
     *
     * @param weight null if it was not asked for
     * @param bias null if it was not asked for
     */
    public record OfProduct(
            Tensor x, @Nullable Tensor weight, @Nullable Tensor bias) {
        /** Puts the gradients of the parameters that were asked for. */
        public void putParameters(Tensor ofWeight, Tensor ofBias, Gradients gradients) {
            if (weight != null && bias != null) {
                gradients.put(ofWeight, weight);
                gradients.put(ofBias, bias);
            }
        }
    }

    /**
     * Of {@link Ops#linear}, y = x·Wᵀ + b: dx = dy·W and, summed over all rows, dW = dyᵀ·x and db = Σ dy.
     *
     * @param dy [B, N, out], contiguous
     * @param x [B, N, in], contiguous
     * @param weight [out, in]
     * @param ofParameters whether dW and db are asked for
     */
    public static OfProduct linear(Tensor dy, Tensor x, Tensor weight, boolean ofParameters) {
        if (OneDnn.serves(x)) {
            Tensor kernel = weight.unsqueeze(2).unsqueeze(3); // the 1×1 convolution that the product was
            OfProduct d = convolution(pixels(dy), pixels(x), kernel, 0, 1, ofParameters);
            Tensor dWeight = d.weight() == null ? null : d.weight().squeeze(3).squeeze(2);
            return new OfProduct(d.x().permute(0, 2, 3, 1).squeeze(1), dWeight, d.bias());
        }
        Tensor rows = dy.flatten(0, 1); // [B·N, out]
        return new OfProduct(
                dy.matmul(weight),
                ofParameters ? rows.t().matmul(x.flatten(0, 1)) : null,
                ofParameters ? rows.sum(0) : null);
    }

    /**
     * Of {@link Ops#depthwiseConvolution}: dx is dy convolved with the kernel turned by 180°.
     *
     * @param dy [B, D, h, w]
     * @param map [B, D, h, w]
     * @param kernel [D, 1, 3, 3]
     * @param ofParameters whether the gradients of kernel and bias are asked for
     */
    public static OfProduct depthwiseConvolution(Tensor dy, Tensor map, Tensor kernel, boolean ofParameters) {
        return convolution(dy, map, kernel, 1, map.size(1), ofParameters);
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

    private static OfProduct convolution(
            Tensor dy, Tensor x, Tensor kernel, long padding, long groups, boolean ofParameters) {
        T_TensorTensorTensor_T d = torch.convolution_backward(
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
                asked(true, ofParameters));
        return new OfProduct(
                new Tensor(d.get0()),
                ofParameters ? new Tensor(d.get1()) : null,
                ofParameters ? new Tensor(d.get2()) : null);
    }

    /** Which of the gradients of input, weight and bias to compute. */
    private static BoolPointer asked(boolean input, boolean parameters) {
        BoolPointer mask = new BoolPointer(3);
        return mask.put(0, input).put(1, parameters).put(2, parameters);
    }

    /** [B, N, D] → [B, D, 1, N] without a copy: channels-last memory. */
    private static Tensor pixels(Tensor x) {
        return x.unsqueeze(1).permute(0, 3, 1, 2);
    }

    /** {@code _softmax_backward_data.grad_input(grad_output, output, dim, input_dtype, grad_input)}. */
    private static final class Softmax {
        static final NamedOperator BACKWARD = new NamedOperator("aten::_softmax_backward_data", "out", 0);
    }
}
