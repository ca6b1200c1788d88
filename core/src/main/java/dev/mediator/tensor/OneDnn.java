package dev.mediator.tensor;

import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type;

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
        try (Scope scope = Scope.open();
                IValueVector stack = new IValueVector()) {
            stack.push_back(new IValue(x));
            stack.push_back(new IValue(weight));
            stack.push_back(new IValue(bias));
            stack.push_back(new IValue("gelu"));
            stack.push_back(new IValue(new GenericList(LinearPointwise.SCALAR)));
            stack.push_back(new IValue("tanh"));
            LinearPointwise.OPERATOR.callBoxed(stack);
            // The stack owns the tensor it hands out: take a handle of our own.
            return scope.keep(new Tensor(stack.get(0).toTensor()));
        }
    }

    /** {@code _linear_pointwise(X, W, B, attr, Scalar?[] scalars, algorithm)}. */
    private static final class LinearPointwise {
        static final OperatorHandle OPERATOR;
        static final Type.TypePtr SCALAR; // element type of the scalars' list

        static {
            try (Scope scope = Scope.open()) {
                OPERATOR = scope.release(Dispatcher.singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", ""));
                Type list = OPERATOR.schema().arguments().getPointer(4).type().get();
                SCALAR = scope.release(list.containedType(0));
            }
        }
    }
}
