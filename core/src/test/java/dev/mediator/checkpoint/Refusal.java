package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.mediator.process.CountedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How a file must be refused: in one line that names it, with little work and memory, and untouched. */
final class Refusal {
    private Refusal() {}

    /**
     * Writes the bytes to the file and opens it.
     *
     * @param reason what the message must contain
     */
    static void assertRefused(Path file, byte[] bytes, String reason) throws IOException {
        assertRefused(file, bytes, reason, TensorReading.class);
    }

    /** The same with another reader. */
    static void assertRefused(Path file, byte[] bytes, String reason, Class<? extends CountedReader> reader)
            throws IOException {
        Files.write(file, bytes);

        Throwable thrown = catchThrowable(() -> ReadingLimits.read(reader, file));

        assertThat(thrown).isInstanceOf(IOException.class);
        assertThat(thrown.getMessage())
                .startsWith(file.toString())
                .contains(reason)
                .hasLineCount(1);
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }
}
