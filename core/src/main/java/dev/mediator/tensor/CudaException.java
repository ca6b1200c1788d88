package dev.mediator.tensor;

import org.jspecify.annotations.Nullable;

/** A card, its driver or its libraries refused what they were asked for; the message is one line. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CudaException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
