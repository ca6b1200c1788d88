package dev.mediator.tensor;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * An update of AdamW (arXiv 1711.05101) in one pass over memory: libtorch's fused kernel.
 *
 * @param rate learning rate of this update
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the denominator
 * @param weightDecay share of the learning rate by which weights shrink
 */
public record FusedAdamW(double rate, double beta1, double beta2, double epsilon, double weightDecay) {
    /**
     * One update in place.
     *
     * @param steps number of this update, from 1
     * @param values [P] fp32
     * @param gradients [P], like the values; not changed
     * @param firstMoment [P], like the values
     * @param secondMoment [P], like the values
     */
    public void step(long steps, Tensor values, Tensor gradients, Tensor firstMoment, Tensor secondMoment) {
        try (Scope scope = Scope.open()) {
            Tensor count = ComputeDevice.of(values).put(Tensors.full((double) steps, 1));
            NamedOperator.ListArgument tensors = Operator.UPDATE.list(0);
            Operator.UPDATE.call(
                    tensors.of(values),
                    tensors.of(gradients),
                    tensors.of(firstMoment),
                    tensors.of(secondMoment),
                    tensors.of(), // largest second moments: not kept
                    tensors.of(count),
                    new IValue(rate),
                    new IValue(beta1),
                    new IValue(beta2),
                    new IValue(weightDecay),
                    new IValue(epsilon),
                    new IValue(false), // AMSGrad
                    new IValue(false), // maximise
                    new IValue(), // scale of the gradients
                    new IValue()); // whether they overflowed
        }
    }

    /** Looked up when first needed. */
    private static final class Operator {
        static final NamedOperator UPDATE = new NamedOperator("aten::_fused_adamw_", "");
    }
}
