package dev.mediator.training;

/**
 * A line of a training's log.
 *
 * @param step updates done
 * @param epoch passes over the data
 * @param loss mean loss since the last line
 * @param gradientNorm norm of the last gradient, before clipping
 * @param learningRate rate of the last update
 * @param imagesPerSecond throughput since the last line, over all processes
 * @param gflopsPerSecond the same as arithmetic: 2 operations per multiply-add, forward and backward (3 × forward)
 * @param processes that train together
 * @param seconds time since the training was started or resumed
 */
public record LogEntry(
        long step,
        double epoch,
        double loss,
        double gradientNorm,
        double learningRate,
        double imagesPerSecond,
        double gflopsPerSecond,
        int processes,
        double seconds) {}
