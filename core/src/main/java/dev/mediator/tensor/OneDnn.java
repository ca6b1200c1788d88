package dev.mediator.tensor;

import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/** Operators of oneDNN that libtorch registers by name only (its compiler uses them). They record no gradients. */
final class OneDnn {
    private static final boolean AVAILABLE = Context.hasMKLDNN();

    private OneDnn() {}

    /** True if this build has oneDNN and the tensor is where oneDNN computes, in a type that it multiplies. */
    static boolean serves(Tensor x) {
        if (!AVAILABLE || !x.is_cpu()) {
            return false;
        }
        DType dtype = DType.of(x);
        return dtype == DType.F32 || (dtype == DType.BF16 && Engine.hasFastBf16());
    }

    /** The weight of a linear layer, in oneDNN's own layout. */
    static Tensor pack(Tensor weight) {
        return Scope.keepResult(
                () -> Reorder.OPERATOR.call(new IValue(weight), new IValue()).get(0));
    }

    /** x·Wᵀ + b, W plain or packed. */
    static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
        return LinearPointwise.call(x, weight, bias, "none", new IValue());
    }

    /** gelu_tanh(x·Wᵀ + b) in one call, W plain or packed. */
    static Tensor linearGeluTanh(Tensor x, Tensor weight, Tensor bias) {
        MacCounter.countLinear(x, weight);
        return LinearPointwise.call(x, weight, bias, "gelu", new IValue("tanh"));
    }

    /** {@code _reorder_linear_weight(W, batch_size)}. */
    private static final class Reorder {
        static final NamedOperator OPERATOR = new NamedOperator("mkldnn::_reorder_linear_weight", "", 0);
    }

    /** {@code _linear_pointwise(X, W, B, attr, Scalar?[] scalars, algorithm)}. */
    private static final class LinearPointwise {
        private static final NamedOperator OPERATOR = new NamedOperator("mkldnn::_linear_pointwise", "", 0);
        private static final NamedOperator.ListArgument SCALARS = OPERATOR.list(4);

        static Tensor call(Tensor x, Tensor weight, Tensor bias, String function, IValue algorithm) {
            return Scope.keepResult(() -> OPERATOR.call(
                            new IValue(x),
                            new IValue(weight),
                            new IValue(bias),
                            new IValue(function),
                            SCALARS.of(),
                            algorithm)
                    .get(0));
        }
    }
}
