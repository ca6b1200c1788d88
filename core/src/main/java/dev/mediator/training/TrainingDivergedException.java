package dev.mediator.training;

import java.io.IOException;

/** The loss or the gradient is no longer a number; the message names the last checkpoint from before. */
public final class TrainingDivergedException extends IOException {
    private static final long serialVersionUID = 1L;

    TrainingDivergedException(String message) {
        super(message);
    }

    /**
     * Checked before weights move, so that no checkpoint ever holds what is not a number.
     *
     * @param what is checked, such as {@code loss}
     * @param step updates done
     */
    static void requireFinite(String what, double value, RunDirectory run, long step) throws IOException {
        if (!Double.isFinite(value)) {
            throw of(what, value, run, step);
        }
    }

    static TrainingDivergedException of(String what, double value, RunDirectory run, long step) throws IOException {
        String kept = run.checkpointBefore(step)
                .map(file -> "the last good checkpoint is " + file)
                .orElse("there is no checkpoint from before");
        return new TrainingDivergedException(
                "the " + what + " is " + value + " at step " + step + "; " + kept + "; try a smaller learning rate");
    }
}
