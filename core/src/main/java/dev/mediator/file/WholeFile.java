package dev.mediator.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes files whole or not at all: a temporary file beside the target is renamed when it is complete, so that neither a
 * crash nor a full disk leaves half of one, or takes what was there before. Folders are made as needed.
 */
public final class WholeFile {
    /** What writes a file's content. */
    @FunctionalInterface
    public interface Content {
        void write(FileChannel channel) throws IOException;
    }

    private WholeFile() {}

    /** Writes a file that must survive a power failure: it is on the disk before it gets its name. */
    public static void write(Path file, Content content) throws IOException {
        replace(file, temporary -> {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                content.write(channel);
                channel.force(true);
            }
        });
    }

    /** Writes a small file. */
    public static void write(Path file, byte[] content) throws IOException {
        replace(file, temporary -> Files.write(temporary, content));
    }

    /** Writes a small text, in UTF-8. */
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Gives a file its final name, replacing what bore it. */
    public static void rename(Path temporary, Path file) throws IOException {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Where a file is written before it gets its name; the folder is there afterwards. */
    public static Path temporary(Path file) throws IOException {
        Path folder = FileNames.require(file).toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        return file.resolveSibling(file.getFileName() + ".tmp");
    }

    /** Writes all of a buffer, where a channel may take a part. */
    public static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    @FunctionalInterface
    private interface Step {
        void on(Path temporary) throws IOException;
    }

    private static void replace(Path file, Step write) throws IOException {
        Path temporary = temporary(file);
        try {
            write.on(temporary);
            rename(temporary, file);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
