package dev.mediator.training;

import java.io.IOException;

/** Gathers what happens between two log lines and writes them. */
final class TrainingLog {
    private final int logEvery;
    private final int batchSize;
    private final int processes;
    private final double learningRate;
    private final int datasetSize;
    private final RunDirectory run;
    private final TrainingListener listener;
    private final long startNanos = System.nanoTime();
    private long lineNanos = startNanos;
    private double lossSum;
    private double flops;
    private int updates;
    private long step;
    private double norm;
    private double rate;

    /**
     * Nothing so far.
     *
     * @param logEvery updates between lines
     * @param batchSize images per update, over all processes
     * @param processes that train together
     * @param learningRate that a rate's factor refers to
     * @param datasetSize images of an epoch
     */
    TrainingLog(
            int logEvery,
            int batchSize,
            int processes,
            double learningRate,
            int datasetSize,
            RunDirectory run,
            TrainingListener listener) {
        this.logEvery = logEvery;
        this.batchSize = batchSize;
        this.processes = processes;
        this.learningRate = learningRate;
        this.datasetSize = datasetSize;
        this.run = run;
        this.listener = listener;
    }

    /** @param forwardMacs multiply-adds of one image's forward pass in this update */
    void add(long step, double loss, double norm, double rateFactor, long forwardMacs) throws IOException {
        this.step = step;
        this.norm = norm;
        rate = learningRate * rateFactor;
        lossSum += loss;
        flops += 3.0 * 2.0 * forwardMacs * batchSize;
        updates++;
        if (step % logEvery == 0) {
            writeLine();
        }
    }

    /** Writes what is left over. */
    void finish() throws IOException {
        if (updates > 0) {
            writeLine();
        }
    }

    private void writeLine() throws IOException {
        long now = System.nanoTime();
        double seconds = (now - lineNanos) / 1e9;
        LogEntry entry = new LogEntry(
                step,
                (double) step * batchSize / datasetSize,
                lossSum / updates,
                norm,
                rate,
                (double) updates * batchSize / seconds,
                flops / seconds / 1e9,
                processes,
                (now - startNanos) / 1e9);
        run.appendLog(entry);
        listener.onLog(entry);
        lineNanos = now;
        lossSum = 0;
        flops = 0;
        updates = 0;
    }
}
