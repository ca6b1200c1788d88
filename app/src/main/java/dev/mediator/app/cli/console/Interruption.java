package dev.mediator.app.cli.console;

import dev.mediator.app.cli.command.CommandExit;
import dev.mediator.tensor.Cancellation;
import java.time.Duration;
import java.util.concurrent.CancellationException;

/**
 * Ctrl-C, and the end of the process in general, between two steps of a command. Ending within an operation would be a
 * crash, with a page of addresses for the user: libtorch takes its threads and tables down while the operation uses
 * them.
 *
 * <p>{@link #request} is called by {@link Signals}. The command then gets a {@link CancellationException} at the next place where
 * it can stop, cleans up, and ends with {@link #exitCode}.
 */
public class Interruption {
    /** How long a command may take to stop without a word. */
    private static final Duration SILENCE = Duration.ofSeconds(2);

    private final Duration grace;
    private final Cancellation cancellation = new Cancellation();
    private boolean commandRunning;
    private Runnable notice = () -> {};
    private int exitCode = CommandExit.INTERRUPTED;

    /**
     * Nothing is interrupted so far.
     *
     * @param grace how long a step may take before the process ends all the same
     */
    public Interruption(Duration grace) {
        this.grace = grace;
    }

    /** Asks the running command to stop, and waits until it has ended or the grace time is over. */
    public void request() {
        request(CommandExit.INTERRUPTED);
    }

    /** The same with what the process is to exit with. */
    synchronized void request(int code) {
        exitCode = code;
        cancellation.request();
        boolean isLong = grace.compareTo(SILENCE) > 0;
        if (isLong && !hasEndedWithin(SILENCE)) {
            notice.run();
        }
        hasEndedWithin(isLong ? grace.minus(SILENCE) : grace);
    }

    /** Waits until the command has ended, but not longer than this. */
    private boolean hasEndedWithin(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (commandRunning && System.nanoTime() < deadline) {
            try {
                wait(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return !commandRunning;
    }

    /** True once the command was asked to stop. */
    boolean isRequested() {
        return cancellation.isRequested();
    }

    /** What an interrupted command exits with. */
    public synchronized int exitCode() {
        return exitCode;
    }

    /** @throws CancellationException if the process is about to end */
    public void check() {
        if (isRequested()) {
            throw new CancellationException("interrupted");
        }
    }

    /** True if no command runs, or none any more. */
    synchronized boolean isIdle() {
        return !commandRunning;
    }

    /**
     * From now on this thread's work stops when it is asked to, and is waited for.
     *
     * @param whenItTakesLong said if the next place to stop is not near
     */
    public synchronized Cancellation.Listening commandStarted(Runnable whenItTakesLong) {
        commandRunning = true;
        notice = whenItTakesLong;
        Cancellation.Listening listening = cancellation.listen();
        return () -> {
            listening.close();
            commandEnded();
        };
    }

    private synchronized void commandEnded() {
        commandRunning = false;
        notifyAll();
    }
}
