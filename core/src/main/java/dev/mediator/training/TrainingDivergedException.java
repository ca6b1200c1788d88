package dev.mediator.training;

import java.io.IOException;

/** The loss is no longer a number; the last checkpoint is from before. */
public final class TrainingDivergedException extends IOException {
    private static final long serialVersionUID = 1L;

    TrainingDivergedException(String message) {
        super(message);
    }
}
