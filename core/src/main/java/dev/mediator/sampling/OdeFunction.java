package dev.mediator.sampling;

import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.Tensor;

/** Right-hand side of an ODE dx/dt = f(t, x), for a batch whose samples may stand at different times. */
@FunctionalInterface
public interface OdeFunction {
    /**
     * Evaluates f.
     *
     * @param t time of each sample
     * @param x state [B, ...]
     * @return dx/dt [B, ...]
     */
    Tensor at(PerSample t, Tensor x);
}
