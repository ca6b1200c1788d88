package dev.mediator.tensor;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The folder that native libraries are unpacked to, filled by one process at a time.
 *
 * <p>JavaCPP locks the folder while it writes one library, yet a second process may already map that library, half written,
 * as a dependency of the one before it, and dies of SIGBUS. Here the first process holds a lock until all libraries are
 * written and loaded, and then leaves a list of them. Whoever finds the list true needs no lock. The system drops the lock of
 * a process that ends, however it ends; without a list the next one checks every library again.
 */
final class NativeCache {
    /** Unpacks one library, unless it is there, and tells where. */
    interface Library {
        File unpack() throws IOException;
    }

    private final Path folder;
    private final Path list;

    /**
     * @param folder where libraries are unpacked to
     * @param key names this set of libraries, in letters and digits
     */
    NativeCache(Path folder, String key) {
        this.folder = folder;
        this.list = folder.resolve("mediator-" + key + ".list");
    }

    /**
     * Unpacks the libraries unless all are there, and loads them.
     *
     * @param libraries asked for only if they may have to be unpacked: finding them takes a while
     * @throws UncheckedIOException if the folder cannot be written; the message tells what to do
     */
    void load(Supplier<List<Library>> libraries, Runnable loading) {
        if (isComplete()) {
            loading.run();
            return;
        }
        try (FileChannel channel = openLock()) {
            if (channel == null) {
                unpack(libraries.get());
                loading.run();
                return;
            }
            channel.lock(); // until the channel is closed
            List<Path> unpacked = unpack(libraries.get());
            loading.run();
            writeList(unpacked);
        } catch (IOException e) {
            throw new UncheckedIOException(explained(e));
        }
    }

    /** Null where nothing can be written: such a folder may still hold everything. */
    private @Nullable FileChannel openLock() throws IOException {
        if (Files.isDirectory(folder) && !Files.isWritable(folder)) {
            return null;
        }
        return FileChannel.open(folder.resolve(".mediator-lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static List<Path> unpack(List<Library> libraries) throws IOException {
        List<Path> unpacked = new ArrayList<>();
        for (Library library : libraries) {
            unpacked.add(library.unpack().toPath());
        }
        return unpacked;
    }

    private boolean isComplete() {
        try {
            if (!Files.exists(list)) {
                return false;
            }
            for (String line : Files.readAllLines(list, StandardCharsets.UTF_8)) {
                String[] words = line.split(" ", 2);
                if (words.length < 2 || !words[0].equals(state(folder.resolve(words[1])))) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Written aside and renamed: a list is whole or not there. */
    private void writeList(List<Path> unpacked) throws IOException {
        List<String> lines = new ArrayList<>();
        Path real = folder.toRealPath();
        for (Path file : unpacked) {
            lines.add(state(file) + " " + real.relativize(file));
        }
        Path aside = folder.resolve(list.getFileName() + "." + UUID.randomUUID());
        try {
            Files.write(aside, lines, StandardCharsets.UTF_8);
            Files.move(aside, list, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /** Size and time of a file: what JavaCPP tells a whole library by. */
    private static String state(Path file) throws IOException {
        return Files.size(file) + "@" + Files.getLastModifiedTime(file).toMillis();
    }

    private IOException explained(IOException cause) {
        String reason = cause instanceof FileSystemException system && system.getReason() != null
                ? system.getReason()
                : String.valueOf(cause.getMessage());
        return new IOException(
                folder + ": the native libraries, about 450 MB, cannot be unpacked here (" + reason + "); "
                        + freeSpace() + "make room, or name another folder by -Dorg.bytedeco.javacpp.cachedir=FOLDER"
                        + " (for ./mediator in JAVA_TOOL_OPTIONS)",
                cause);
    }

    private String freeSpace() {
        long free = folder.toFile().getUsableSpace();
        return free > 0 ? free / 1_000_000 + " MB are free; " : "";
    }
}
