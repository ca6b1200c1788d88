package dev.mediator.app.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C (or a polite kill) while a job runs: the job is asked to stop, and the process waits until it has saved its work.
 * The JVM then ends with the signal's usual exit code, 130 or 143.
 */
final class Interruption implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;

    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean requested;

    private Interruption(Runnable stop) {
        hook = new Thread(
                () -> {
                    requested = true;
                    stop.run();
                    awaitFinished();
                },
                "interruption");
    }

    /** Asks a job to stop when the process is interrupted, as long as this is open. */
    static Interruption handledBy(Runnable stop) {
        Interruption interruption = new Interruption(stop);
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** Throws with this message if the process has been interrupted. */
    void requireNone(String message) {
        if (requested) {
            throw new InterruptedJobException(message);
        }
    }

    private void awaitFinished() {
        try {
            boolean saved = finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (saved) {
                // What the job said last is printed by its own thread.
                Thread.sleep(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyShuttingDown) {
            // The process is ending: the hook has done its work.
        }
    }
}
