package dev.mediator.training;

import java.io.IOException;

/** The loss or the gradient is no longer a number; the message names the last checkpoint from before. */
public final class TrainingDivergedException extends IOException {
    private static final long serialVersionUID = 1L;

    TrainingDivergedException(String message) {
        super(message);
    }
}
