package dev.mediator.data;

import dev.mediator.tensor.Shapes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The endless stream of batches of a data set, prepared ahead by background threads and handed out in order.
 *
 * <p>{@link #position} is all there is to save: a loader opened at it goes on with the same batches. One thread
 * consumes; any thread may close.
 */
public final class BatchLoader implements AutoCloseable {
    private static final String CLOSED = "the batch loader is closed";

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
     * The next batch.
     *
     * @throws IOException if one of its images could not be read; the position stays before this batch
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
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a batch");
        } catch (CancellationException e) {
            throw new IllegalStateException(CLOSED, e);
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
