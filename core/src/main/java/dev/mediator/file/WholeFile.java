package dev.mediator.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;

/**
 * Writes files whole or not at all: a temporary file beside the target is renamed when it is complete, so that neither a
 * crash nor a full disk leaves half of one, or takes what was there before. Folders are made as needed.
 */
public final class WholeFile {
    private static final String TEMPORARY = ".tmp";

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
        makeFolder(folderOf(file));
        return file.resolveSibling(file.getFileName() + TEMPORARY);
    }

    /** The folder of a file. */
    public static Path folderOf(Path file) throws IOException {
        Path folder = FileNames.require(file).toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " cannot be written: it is not a file");
        }
        return folder;
    }

    /**
     * Makes a folder and those around it, unless it is there.
     *
     * @throws IOException if that cannot be; the message says why
     */
    public static void makeFolder(Path folder) throws IOException {
        FileNames.require(folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw CannotWriteException.of(folder, e);
        }
    }

    /**
     * Adds lines to a file, whole or not at all: what a full disk has left of them is cut off.
     *
     * @throws IOException if they cannot be written
     */
    public static void append(Path file, String lines) throws IOException {
        FileNames.require(file);
        long before = Files.exists(file) ? Files.size(file) : 0;
        try {
            Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            cutOff(file, before);
            throw CannotWriteException.of(file, e);
        }
    }

    private static void cutOff(Path file, long bytes) throws IOException {
        if (Files.exists(file) && Files.size(file) > bytes) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(bytes);
            }
        }
    }

    /**
     * Deletes what a killed process has left of files that it had not finished.
     *
     * @param names of the files that it may have written
     */
    public static void deleteLeftovers(Path folder, Pattern names) throws IOException {
        if (!Files.isDirectory(FileNames.require(folder))) {
            return;
        }
        try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(folder, "*" + TEMPORARY)) {
            for (Path file : unfinished) {
                String name = file.getFileName().toString();
                if (names.matcher(name.substring(0, name.length() - TEMPORARY.length()))
                        .matches()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /**
     * Refuses a file that has become shorter since it was opened.
     *
     * @throws IOException if it has fewer bytes than are needed
     */
    public static void requireBytes(Path file, long needed) throws IOException {
        long now = Files.size(file);
        if (now < needed) {
            throw new IOException(
                    file + " was cut off after it was opened: it has " + now + " bytes, " + needed + " are needed");
        }
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
        boolean interrupted = Thread.interrupted(); // else the channel would close
        try {
            while (!isWritten(temporary, write)) {
                interrupted = true;
            }
            rename(temporary, file);
        } catch (IOException e) {
            throw CannotWriteException.of(file, e);
        } finally {
            delete(temporary);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What cannot be deleted could often not be written either, and that is what is told. */
    private static void delete(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // it is overwritten the next time
        }
    }

    /** False if the thread was interrupted on the way. Whoever interrupts work may well want its checkpoint. */
    private static boolean isWritten(Path temporary, Step write) throws IOException {
        try {
            write.on(temporary);
            return true;
        } catch (ClosedByInterruptException e) {
            return !Thread.interrupted();
        }
    }
}
