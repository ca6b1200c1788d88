package dev.mediator.sampling;

import org.bytedeco.pytorch.Tensor;

/** The randomness of an SDE, as an argument. */
@FunctionalInterface
public interface NoiseSource {
    /**
     * Standard normal noise of one step. The same step gives the same noise again.
     *
     * @param step 0 for the first step
     * @param like the state [B, ...] that it is added to
     * @return noise in the shape, type and device of {@code like}
     */
    Tensor stepNoise(int step, Tensor like);
}
