package dev.mediator.checkpoint.pickle;

import java.io.IOException;

/** A pickle that is broken, too large, or asks for something other than data. The message does not name the file. */
public final class PickleException extends IOException {
    /** With a reason, shown on one line whatever names from the file are in it. */
    public PickleException(String message) {
        super(Quoted.line(message));
    }
}
