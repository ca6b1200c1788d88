package dev.mediator.checkpoint;

import com.sun.management.ThreadMXBean;
import dev.mediator.process.CountedReader;
import dev.mediator.process.CountedWork;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What reading a file may take, whatever is in it, as counts that are the same on every machine: steps in proportion to the
 * file's size, and bytes asked for.
 */
public final class ReadingLimits {
    /** A small pickle may make as many objects as any, 64 MB of them: a step for each byte. */
    private static final long MOST_STEPS = 70_000_000;

    private static final long MOST_STEPS_A_BYTE = 10;
    private static final long MOST_BYTES = 100_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private ReadingLimits() {}

    /**
     * Reads a file within the limits.
     *
     * @throws IOException if the reader refuses it
     * @throws AssertionError if it takes more
     */
    public static void read(Class<? extends CountedReader> reader, Path file) throws IOException {
        long limit = MOST_STEPS + MOST_STEPS_A_BYTE * Files.size(file);
        long thread = Thread.currentThread().getId();
        long before = THREADS.getThreadAllocatedBytes(thread);
        IOException refusal = null;
        try {
            CountedWork.steps(reader, file, limit);
        } catch (IOException e) {
            refusal = e;
        }
        // All that was ever allocated, which is more than was used at once.
        long allocated = THREADS.getThreadAllocatedBytes(thread) - before;
        if (allocated > MOST_BYTES) {
            throw new AssertionError("reading asks for " + allocated + " bytes, more than " + MOST_BYTES);
        }
        if (refusal != null) {
            throw refusal;
        }
    }
}
