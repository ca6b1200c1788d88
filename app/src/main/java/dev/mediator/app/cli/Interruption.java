package dev.mediator.app.cli;

import java.time.Duration;
import java.util.concurrent.CancellationException;

/**
 * Ctrl-C, and the end of the process in general, between two steps of a job. Ending within an operation would be a
 * crash, with a page of addresses for the user: libtorch takes its threads and tables down while the operation uses
 * them.
 *
 * <p>{@link #request} runs in the virtual machine's shutdown hook. A job that shows {@link Progress} then gets a {@link
 * CancellationException} at its next step, cleans up, and the hook lets the process end; without a job in progress, or
 * after the grace time, it ends at once.
 */
public class Interruption {
    private final Duration grace;
    private boolean requested;
    private boolean commandRunning;
    private int jobs;

    /**
     * Nothing is interrupted so far.
     *
     * @param grace how long a step may take before the process ends all the same
     */
    public Interruption(Duration grace) {
        this.grace = grace;
    }

    /** Asks the running job to stop, and waits until its command has ended or the grace time is over. */
    public synchronized void request() {
        requested = true;
        boolean jobInProgress = jobs > 0;
        long deadline = System.nanoTime() + grace.toNanos();
        while (jobInProgress && commandRunning && System.nanoTime() < deadline) {
            try {
                wait(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** @throws CancellationException if the process is about to end */
    synchronized void check() {
        if (requested) {
            throw new CancellationException("interrupted");
        }
    }

    synchronized void commandStarted() {
        commandRunning = true;
    }

    synchronized void commandEnded() {
        commandRunning = false;
        notifyAll();
    }

    synchronized void jobStarted() {
        jobs++;
    }

    synchronized void jobEnded() {
        jobs--;
    }
}
