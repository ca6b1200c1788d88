package dev.mediator.checkpoint.pickle;

import java.io.IOException;

/** A pickle that is broken, too large, or asks for something other than data. The message does not name the file. */
public final class PickleException extends IOException {
    /** With a reason, one line. */
    public PickleException(String message) {
        super(message);
    }
}
