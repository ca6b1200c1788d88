package dev.mediator.evaluation;

/** Told how far an evaluation is. */
@FunctionalInterface
public interface EvaluationListener {
    /** Listens to nothing. */
    EvaluationListener NONE = (metric, done, total) -> {};

    /**
     * A piece of a metric is done, or its computation has begun.
     *
     * @param metric what is computed, in words
     * @param done pieces done so far, 0 at the start
     * @param total pieces of this metric's current pass
     */
    void onProgress(String metric, long done, long total);
}
