package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** Whether weights are numbers: a NaN or an infinity among them makes every answer of a network wrong. */
public final class FiniteNumbers {
    private FiniteNumbers() {}

    /**
     * Passes a tensor on if all of its elements are finite.
     *
     * @param name for the message
     * @throws IllegalArgumentException if some are not; the message says how many
     */
    public static Tensor require(String name, Tensor tensor) {
        if (!DType.of(tensor).isFloatingPoint() || tensor.numel() == 0) {
            return tensor;
        }
        try (Scope scope = Scope.open()) {
            // A sum is finite only if all of its terms are; one that is not may have become too large by itself.
            double sum = Tensors.to(tensor.sum(), DType.F64).item_double();
            if (Double.isFinite(sum)) {
                return tensor;
            }
            long count = tensor.numel() - tensor.isfinite().sum().item_long();
            if (count > 0) {
                throw new IllegalArgumentException("tensor '" + Quoted.of(name) + "' has " + count
                        + " numbers that are not finite, of " + tensor.numel());
            }
        }
        return tensor;
    }
}
