package dev.mediator.sampling;

import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** An ODE dx/dt = f(t, x), for a batch whose samples may stand at different times. */
@FunctionalInterface
public interface Ode {
    /**
     * Evaluates f.
     *
     * @param t time of each sample
     * @param x state [B, ...]
     */
    Slope at(PerSample t, Tensor x);

    /**
     * The right-hand side at one state.
     *
     * @param value dx/dt [B, ...]
     * @param estimate what the network said there; null where the equation is not a network's
     */
    record Slope(Tensor value, @Nullable Estimate estimate) {
        /** A slope that does not come from a network. */
        public Slope(Tensor value) {
            this(value, null);
        }
    }

    /**
     * A step that a solver has taken.
     *
     * @param state the state after it [B, ...]
     * @param estimate what the network said at the step's first evaluation; null where the equation is not a network's
     */
    record Step(Tensor state, @Nullable Estimate estimate) {}
}
