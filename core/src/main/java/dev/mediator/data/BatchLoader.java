package dev.mediator.data;

import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.Shapes;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The endless stream of batches of a data set, prepared ahead by background threads and handed out in order.
 *
 * <p>{@link #position} is all there is to save: a loader opened at it goes on with the same batches. One thread at a time
 * consumes; any thread may close, which ends the waiting of the one that consumes.
 */
public final class BatchLoader implements AutoCloseable {
    private static final String CLOSED = "the batch loader is closed";

    /** How often it is asked, while a batch is waited for, whether to stop. */
    private static final int POLL_MILLIS = 50;

    private final ImageDataset dataset;
    private final LoaderConfig config;
    private final SampleOrder order;
    private final Queue<FutureTask<Batch>> ahead = new ArrayDeque<>();
    private final @Nullable ExecutorService workers;
    private volatile boolean closed;
    private long position;
    private long planned;

    /**
     * Opens the stream.
     *
     * @param dataset the images
     * @param config batch size, seed, threads
     * @param position samples consumed before, over all shards: 0 for a new run, else a saved {@link #position}
     */
    public BatchLoader(ImageDataset dataset, LoaderConfig config, long position) {
        if (position < 0) {
            throw new IllegalArgumentException("position is " + position + ", allowed is 0 or more");
        }
        this.dataset = dataset;
        this.config = config;
        this.order = new SampleOrder(config.seed(), dataset.size(), config.flip());
        this.position = position;
        this.planned = position;
        this.workers =
                config.workers() == 0 ? null : Executors.newFixedThreadPool(config.workers(), BatchLoader::daemon);
    }

    /** Samples consumed so far, over all shards; what a resumed run opens its loader with. */
    public long position() {
        return position;
    }

    /** Full passes over the data that lie behind the next batch's first sample. */
    public long epoch() {
        return Math.floorDiv(position, dataset.size());
    }

    /**
     * The next batch. Waiting for it ends when this thread is told to stop, unless the loader has a shard: other processes would
     * wait for its part of the batch.
     *
     * @throws IOException if one of its images could not be read; the position stays before this batch
     * @throws CancellationException if the thread was interrupted or its {@link Cancellation} requested; the position stays too
     * @throws IllegalStateException if the loader is closed
     */
    public Batch next() throws IOException {
        plan(1);
        Batch batch = await(ahead.element());
        ahead.remove();
        position += config.batchSize();
        plan(workers == null ? 0 : config.batchesAhead());
        return batch;
    }

    /** Stops the background threads; batches prepared but not taken are dropped. */
    @Override
    public void close() {
        closed = true;
        if (workers != null) {
            for (Runnable waiting : workers.shutdownNow()) {
                ((FutureTask<?>) waiting).cancel(false);
            }
        }
    }

    private void plan(int wanted) {
        requireOpen();
        while (ahead.size() < wanted) {
            FutureTask<Batch> task = task(planned);
            if (workers == null) {
                task.run();
            } else {
                submit(task, workers);
            }
            ahead.add(task);
            planned += config.batchSize();
        }
    }

    private static void submit(FutureTask<Batch> task, ExecutorService workers) {
        try {
            workers.execute(task);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException(CLOSED, e);
        }
    }

    /** The order is looked up here, on the consuming thread, so that workers share nothing but the data set. */
    private FutureTask<Batch> task(long batchPosition) {
        int count = config.shardSize();
        long first = batchPosition + (long) config.shard() * count;
        int[] indices = new int[count];
        boolean[] flips = new boolean[count];
        for (int i = 0; i < count; i++) {
            indices[i] = order.index(first + i);
            flips[i] = order.isFlipped(first + i);
        }
        return new FutureTask<>(() -> assemble(first, indices, flips));
    }

    private Batch assemble(long first, int[] indices, boolean[] flips) throws IOException {
        int numel = dataset.shape().numel();
        float[] pixels = new float[Shapes.arrayLength(indices.length, numel)];
        long[] labels = new long[indices.length];
        for (int i = 0; i < indices.length; i++) {
            requireOpen();
            System.arraycopy(dataset.load(indices[i], flips[i]), 0, pixels, i * numel, numel);
            labels[i] = dataset.label(indices[i]);
        }
        return new Batch(first, dataset.shape(), pixels, labels);
    }

    private Batch await(FutureTask<Batch> task) throws IOException {
        try {
            return awaited(task);
        } catch (CancellationException e) {
            if (closed) {
                throw new IllegalStateException(CLOSED, e);
            }
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (closed) {
                throw new IllegalStateException(CLOSED, cause);
            }
            if (cause instanceof IOException) {
                throw new IOException(cause.getMessage(), cause);
            }
            if (cause instanceof IllegalArgumentException) {
                throw new IllegalArgumentException(cause.getMessage(), cause);
            }
            throw new IllegalStateException("loading a batch failed: " + cause, cause);
        }
    }

    private Batch awaited(FutureTask<Batch> task) throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    // it takes its time
                }
                if (config.shardCount() == 1) {
                    requireNotTold(interrupted);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void requireNotTold(boolean interrupted) {
        if (interrupted) {
            throw new CancellationException("told to stop");
        }
        Cancellation.check();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(CLOSED);
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "batch-loader");
        thread.setDaemon(true);
        return thread;
    }
}
