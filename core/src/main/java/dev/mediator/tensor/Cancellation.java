package dev.mediator.tensor;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * How long work is told to stop. The thread that does the work listens to a cancellation; another one requests it. Long work of
 * the library calls {@link #check} where it can stop without losing anything: between the steps of a sampler, the
 * parameters of a network that is loaded, the images that are looked at.
 *
 * <pre>{@code
 * Cancellation cancellation = new Cancellation();
 * onCancelButton(cancellation::request);
 * try (Cancellation.Listening listening = cancellation.listen()) {
 *     trainer.run(); // a CancellationException, after a checkpoint
 * }
 * }</pre>
 *
 * <p>{@link Thread#interrupt} on the working thread does the same, without anything to listen to.
 */
public final class Cancellation {
    private static final ThreadLocal<@Nullable Cancellation> CURRENT = new ThreadLocal<>();

    private volatile boolean requested;

    /** Tells the work to stop; for good. */
    public void request() {
        requested = true;
    }

    /** True once the work has been told to stop. */
    public boolean isRequested() {
        return requested;
    }

    /** From now on, work of this thread stops when this is requested, until the result is closed. */
    public Listening listen() {
        @Nullable Cancellation before = CURRENT.get();
        CURRENT.set(this);
        return () -> CURRENT.set(before);
    }

    /** The time in which a thread listens. */
    @FunctionalInterface
    public interface Listening extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * A place where the work of this thread can stop.
     *
     * @throws CancellationException if it was told to
     */
    public static void check() {
        check(CURRENT.get());
    }

    /** The same check, for helper threads of this thread's work. */
    public static Runnable checkOfThisThread() {
        @Nullable Cancellation current = CURRENT.get();
        return () -> check(current);
    }

    private static void check(@Nullable Cancellation cancellation) {
        if ((cancellation != null && cancellation.requested)
                || Thread.currentThread().isInterrupted()) {
            throw new CancellationException("told to stop");
        }
    }
}
