package dev.mediator.training;

import java.io.IOException;

/** The data of a run are not those that it was trained on, and nobody has accepted that; the message tells what has changed. */
public final class ChangedDataException extends IOException {
    private static final long serialVersionUID = 1L;

    ChangedDataException(String message) {
        super(message);
    }
}
