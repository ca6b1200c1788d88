package dev.mediator.tensor;

import java.util.List;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * softmax(q·kᵀ)·v and its gradient in libtorch's fused kernels for CPUs, which never hold all probabilities at once. In
 * fp32 they are the fastest; in bf16 products written out are several times faster.
 *
 * @param out [B, M, N, K]
 * @param logSum logarithm of each row's sum of exponentials, in libtorch's layout
 */
public record FusedAttention(Tensor out, Tensor logSum) {
    /** True if the kernels are the fastest way for a tensor like this. */
    public static boolean isFastest(Tensor q) {
        return q.is_cpu() && DType.of(q) == DType.F32;
    }

    /** Computes it for q, k and v of shape [B, M, N, K]. */
    public static FusedAttention of(Tensor q, Tensor k, Tensor v) {
        try (Scope scope = Scope.open()) {
            List<Tensor> parts = Operators.FORWARD.call(
                    new IValue(q),
                    new IValue(k),
                    new IValue(v),
                    new IValue(0.0), // dropout
                    new IValue(false), // causal
                    new IValue(), // mask
                    new IValue(1.0)); // scale
            return new FusedAttention(scope.keep(parts.get(0)), scope.keep(parts.get(1)));
        }
    }

    /** Gradients of q, k and v from that of the result. */
    public List<Tensor> backward(Tensor dOut, Tensor q, Tensor k, Tensor v) {
        return Operators.BACKWARD.call(
                new IValue(dOut),
                new IValue(q),
                new IValue(k),
                new IValue(v),
                new IValue(out),
                new IValue(logSum),
                new IValue(0.0),
                new IValue(false),
                new IValue(),
                new IValue(1.0));
    }

    /** Found when first needed: other devices' builds may lack them. */
    private static final class Operators {
        private static final String NAME = "aten::_scaled_dot_product_flash_attention_for_cpu";
        static final NamedOperator FORWARD = new NamedOperator(NAME, "", 2);
        static final NamedOperator BACKWARD = new NamedOperator(NAME + "_backward", "", 3);
    }
}
