package dev.mediator.parallel;

import java.io.IOException;

/** Another process of the group has gone; what it knew is lost, what this one knows is as it was before the exchange. */
public final class LostProcessException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param message which process, and how that was noticed */
    public LostProcessException(String message) {
        super(message);
    }

    LostProcessException(String message, Throwable cause) {
        super(message, cause);
    }
}
