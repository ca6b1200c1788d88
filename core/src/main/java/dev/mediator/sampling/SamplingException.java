package dev.mediator.sampling;

/** A run that cannot go on: its state is not finite, or its step size has shrunk to nothing. Says where and with what. */
public final class SamplingException extends ArithmeticException {
    private static final long serialVersionUID = 1;

    /** A failure in one line. */
    public SamplingException(String message) {
        super(message);
    }
}
