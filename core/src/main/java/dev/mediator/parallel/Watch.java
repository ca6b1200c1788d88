package dev.mediator.parallel;

import java.io.IOException;

/** Looks now and then whether it is still worth waiting for other processes. */
@FunctionalInterface
public interface Watch {
    /** It always is. */
    Watch NONE = () -> {};

    /** @throws IOException if it is not; the message says why */
    void check() throws IOException;
}
