package dev.mediator.training;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.UseGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Exponential moving average of weights: what one samples with. Starts as a copy of the weights.
 *
 * <p>Any thread may use it, one at a time; closing waits for the use in progress, and later uses are refused with an
 * {@link IllegalStateException}.
 */
public final class WeightAverage implements AutoCloseable {
    private final Tensor values;
    private final UseGuard guard = new UseGuard("the average");

    /** @param weights [P] fp32 */
    public WeightAverage(Tensor weights) {
        try (Scope scope = Scope.open()) {
            values = scope.release(weights.detach().clone());
        }
    }

    /** The average, [P]. */
    public Tensor values() {
        try (UseGuard.Use use = guard.use()) {
            return values;
        }
    }

    /**
     * average ← decay·average + (1 − decay)·weights, in place.
     *
     * @param weights [P]
     */
    public void update(Tensor weights, double decay) {
        try (UseGuard.Use use = guard.use()) {
            try (Scope scope = Scope.open()) {
                values.lerp_(weights, new Scalar(1 - decay));
            }
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            values.close();
        });
    }
}
