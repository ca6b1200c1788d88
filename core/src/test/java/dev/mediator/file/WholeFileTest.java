package dev.mediator.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
    @TempDir
    private Path folder;

    @Test
    void foldersAreMadeAndOldContentIsReplaced() throws IOException {
        Path file = folder.resolve("a/b/text");
        WholeFile.write(file, "a longer first text");
        WholeFile.write(file, "größer");

        assertThat(file).hasContent("größer");
        assertThat(file.getParent()).isDirectoryContaining(file::equals);
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void whatFailsHalfwayLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = folder.resolve("numbers");
        WholeFile.write(file, channel -> WholeFile.writeFully(channel, ByteBuffer.wrap(new byte[] {1, 2, 3})));

        assertThatThrownBy(() -> WholeFile.write(file, channel -> {
                    WholeFile.writeFully(channel, ByteBuffer.wrap(new byte[] {9}));
                    throw new IOException("disk full");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("disk full");

        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }
}
