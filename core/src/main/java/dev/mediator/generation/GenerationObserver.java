package dev.mediator.generation;

import dev.mediator.sampling.SamplerStep;

/** Listens to a generation, step by step: progress, previews, cost so far. Throwing ends it. */
@FunctionalInterface
public interface GenerationObserver {
    /** Listens to nothing. */
    GenerationObserver NONE = (step, soFar) -> {};

    /**
     * Called after each step of the sampler. Whatever this throws, such as a cancellation, ends the generation and reaches
     * its caller.
     *
     * @param step the step; its tensors live until this returns
     * @param soFar what this batch has cost up to here
     */
    void onStep(SamplerStep step, Spent soFar);
}
