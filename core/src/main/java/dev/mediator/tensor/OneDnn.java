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

    /** gelu_tanh(x·Wᵀ + b) in one call. */
    static Tensor linearGeluTanh(Tensor x, Tensor weight, Tensor bias) {
        MacCounter.countLinear(x, weight);
        return Scope.keepResult(() -> LinearPointwise.OPERATOR
                .call(
                        new IValue(x),
                        new IValue(weight),
                        new IValue(bias),
                        new IValue("gelu"),
                        LinearPointwise.NO_SCALARS.value(),
                        new IValue("tanh"))
                .get(0));
    }

    /** {@code _linear_pointwise(X, W, B, attr, Scalar?[] scalars, algorithm)}. */
    private static final class LinearPointwise {
        static final NamedOperator OPERATOR = new NamedOperator("mkldnn::_linear_pointwise", "", 1);
        static final NamedOperator.EmptyList NO_SCALARS = OPERATOR.emptyList(4);
    }
}
