package dev.mediator.app.cli.console;

import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;

/**
 * The progress of one job. Threads may share it. Jobs that end within two seconds show nothing; a job that has done no step after
 * eight is shown at 0.
 */
public final class Progress implements AutoCloseable {
    private static final double QUIET_SECONDS = 2;

    private final String task;
    private final long total;
    private final String unit;
    private final LongSupplier nanoClock;
    private final ProgressDisplay display;
    private final Interruption interruption;
    private final long startNanos;
    private long done;
    private String detail = "";
    private boolean shown;
    private boolean closed;

    Progress(
            String task,
            long total,
            String unit,
            LongSupplier nanoClock,
            ProgressDisplay display,
            Interruption interruption) {
        if (total < 1) {
            throw new IllegalArgumentException("a job has 1 step or more, '" + task + "' has " + total);
        }
        this.task = task;
        this.total = total;
        this.unit = unit;
        this.nanoClock = nanoClock;
        this.display = display;
        this.interruption = interruption;
        this.startNanos = nanoClock.getAsLong();
    }

    /**
     * Counts steps as done.
     *
     * @throws CancellationException if the process was told to end; clean up and pass it on
     */
    public synchronized void step(long steps) {
        interruption.check();
        done = Math.min(total, done + steps);
        double elapsed = elapsedSeconds();
        if (elapsed > QUIET_SECONDS) {
            display.show(done, elapsed, detail);
            shown = true;
        }
    }

    /** Shows a job that has done no step for a while, so that nobody takes it for dead. */
    synchronized void begin() {
        if (!shown && !closed) {
            display.begin(elapsedSeconds());
            shown = true;
        }
    }

    /** What else is worth knowing, shown from the next step on: {@code loss 0.1312}. */
    public synchronized void detail(String text) {
        detail = text;
    }

    /** Seconds since the job started. */
    public double elapsedSeconds() {
        return (nanoClock.getAsLong() - startNanos) * 1e-9;
    }

    /** Ends the display. */
    @Override
    public synchronized void close() {
        closed = true;
        if (shown) {
            display.end();
        }
    }

    @Override
    public String toString() {
        return task + ": " + done + "/" + total + " " + unit;
    }
}
