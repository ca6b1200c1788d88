package dev.mediator.app.bench;

import java.io.IOException;

/** What is measured: one or more works, with the weights and inputs that they share. */
public interface Subject {
    /** How many works it has. */
    int works();

    /**
     * Gets its weights into memory, hands its works to a meter, and frees everything.
     *
     * @throws IllegalArgumentException if a setting does not go with the network
     * @throws IOException if weights cannot be read
     */
    void measure(Meter meter) throws IOException;
}
