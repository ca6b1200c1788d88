package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** How a file must be refused: in one line that names it, at once, with little memory, and untouched. */
final class Refusal {
    private static final long MOST_NANOS = 1_000_000_000;
    private static final long MOST_BYTES = 100_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Refusal() {}

    /**
     * Writes the bytes to the file and opens it.
     *
     * @param reason what the message must contain
     */
    static void assertRefused(Path file, byte[] bytes, String reason) throws IOException {
        assertRefused(file, bytes, reason, TensorFile::open);
    }

    /** Opens a file. */
    interface Opener {
        AutoCloseable open(Path file) throws IOException;
    }

    /** The same with another reader. */
    static void assertRefused(Path file, byte[] bytes, String reason, Opener opener) throws IOException {
        Files.write(file, bytes);
        long thread = Thread.currentThread().getId();
        long cpu = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getThreadAllocatedBytes(thread);

        Throwable thrown = catchThrowable(() -> opener.open(file).close());

        // All that was ever allocated, which is more than was used at once.
        long memory = THREADS.getThreadAllocatedBytes(thread) - allocated;
        long time = THREADS.getCurrentThreadCpuTime() - cpu;
        assertThat(thrown).isInstanceOf(IOException.class);
        assertThat(thrown.getMessage())
                .startsWith(file.toString())
                .contains(reason)
                .hasLineCount(1);
        assertThat(memory).as("bytes allocated").isLessThan(MOST_BYTES);
        assertThat(time).as("nanoseconds of this thread").isLessThan(MOST_NANOS);
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }
}
