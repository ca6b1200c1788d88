package dev.mediator.sampling;

import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.Tensor;

/** An SDE dx = f(t, x) dt + √(2w(t)) dW whose noise does not depend on the state. */
public interface SdeFunction {
    /**
     * The drift f.
     *
     * @param t time of each sample
     * @param x state [B, ...]
     */
    Tensor drift(PerSample t, Tensor x);

    /** The diffusion w(t), 0 or more. */
    double diffusion(double t);
}
