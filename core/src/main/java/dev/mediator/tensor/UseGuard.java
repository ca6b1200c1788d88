package dev.mediator.tensor;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Guards something that owns native memory: one thread at a time uses it, others wait; closing waits for the use in progress;
 * what comes after is refused. Memory that is freed while a computation reads it would end the whole process.
 *
 * <pre>{@code
 * Tensor forward(Tensor x) {
 *     try (UseGuard.Use use = guard.use()) {
 *         ...
 *     }
 * }
 *
 * public void close() {
 *     guard.close(weights::close);
 * }
 * }</pre>
 */
public final class UseGuard {
    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean isClosed;

    /** @param name what is guarded, for messages, such as {@code "the network"} */
    public UseGuard(String name) {
        this.name = name;
    }

    /** A use in progress. */
    @FunctionalInterface
    public interface Use extends AutoCloseable {
        /** Ends the use, on the thread that began it. */
        @Override
        void close();
    }

    /**
     * Begins a use; uses may nest.
     *
     * @throws IllegalStateException if what is guarded is closed
     */
    public Use use() {
        lock.lock();
        if (isClosed) {
            lock.unlock();
            throw new IllegalStateException(name + " is closed");
        }
        return new Held();
    }

    /** Ended twice, it would end the use around it. */
    private final class Held implements Use {
        private boolean ended;

        @Override
        public void close() {
            if (!ended) {
                lock.unlock();
                ended = true;
            }
        }
    }

    /** What frees. */
    @FunctionalInterface
    public interface Release<E extends Exception> {
        void run() throws E;
    }

    /**
     * Ends all uses for good, once the one in progress is over. Does nothing the second time.
     *
     * @param release frees what is guarded
     * @throws IllegalStateException if this thread is using it, such as a listener that closes what calls it
     */
    public <E extends Exception> void close(Release<E> release) throws E {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException(name + " is closed by the thread that is using it; let the use end first");
        }
        lock.lock();
        try {
            if (!isClosed) {
                isClosed = true;
                release.run();
            }
        } finally {
            lock.unlock();
        }
    }
}
