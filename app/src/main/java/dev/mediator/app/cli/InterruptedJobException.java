package dev.mediator.app.cli;

/** A job ended early because the process was interrupted; the message tells how to go on. */
final class InterruptedJobException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InterruptedJobException(String message) {
        super(message);
    }
}
