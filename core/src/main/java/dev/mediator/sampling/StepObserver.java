package dev.mediator.sampling;

/** Listens to a run, step by step: progress, previews, distances between states. Throwing ends the run. */
@FunctionalInterface
public interface StepObserver {
    /** Listens to nothing. */
    StepObserver NONE = step -> {};

    /**
     * Called after each step, before the next one begins. The tensors of {@code step} live until this returns: keep a copy,
     * not the tensor. Whatever this throws, such as a cancellation, ends the run and reaches its caller.
     */
    void onStep(SamplerStep step);

    /** This observer, then another. */
    default StepObserver andThen(StepObserver other) {
        return step -> {
            onStep(step);
            other.onStep(step);
        };
    }
}
