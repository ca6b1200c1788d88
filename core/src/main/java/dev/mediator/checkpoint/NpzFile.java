package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import dev.mediator.file.FileNames;
import dev.mediator.tensor.UseGuard;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipException;
import org.bytedeco.pytorch.Tensor;

/**
 * An open .npz file: a zip archive of .npy arrays, stored or deflated, of any size. Opening reads the directory only; arrays
 * are read when they are asked for, and streamed if they are large. One thread at a time.
 */
public final class NpzFile implements AutoCloseable {
    private static final String SUFFIX = ".npy";

    private final Path file;
    private final FileChannel channel;
    private final FileBytes bytes;
    private final Map<String, ZipEntry> entries;

    private final UseGuard guard;

    private NpzFile(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.guard = new UseGuard(file.toString());
        this.bytes = new FileBytes(channel);
        try {
            this.entries = ZipDirectory.read(bytes);
        } catch (ZipException | EOFException e) {
            throw new IOException(
                    file + " is not a usable zip archive: " + e.getMessage()
                            + (ZipDirectory.begins(bytes) ? "" : bytes.nature()),
                    e);
        }
    }

    /**
     * Opens a file and checks its directory.
     *
     * @throws IOException if it is missing, truncated, no zip archive, or made to unpack to more than it holds
     */
    public static NpzFile open(Path file) throws IOException {
        FileNames.require(file);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "does not exist or is not a file");
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        boolean usable = false;
        try {
            NpzFile opened = new NpzFile(file, channel);
            usable = true;
            return opened;
        } finally {
            if (!usable) {
                channel.close();
            }
        }
    }

    /** The file this was opened from. */
    public Path file() {
        return file;
    }

    /** Names of the arrays, such as {@code arr_0}, in file order. */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (String name : entries.keySet()) {
            if (name.endsWith(SUFFIX)) {
                names.add(name.substring(0, name.length() - SUFFIX.length()));
            }
        }
        return names;
    }

    /** True if the file holds this array. */
    public boolean contains(String name) {
        return entries.containsKey(name + SUFFIX);
    }

    /**
     * Starts to read an array. The reader must be closed before this file is.
     *
     * @throws IOException if there is no such array, or none of a type that is read
     * @throws IllegalStateException if the file is closed
     */
    public NpyReader array(String name) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            return reader(name);
        }
    }

    private NpyReader reader(String name) throws IOException {
        ZipEntry entry = entries.get(name + SUFFIX);
        if (entry == null) {
            throw new IOException(
                    file + " has no array '" + Quoted.of(name) + "', found are " + Quoted.of(names().toString()));
        }
        String source = file + ": array '" + Quoted.of(name) + "'";
        return NpyReader.open(new ZipEntryStream(source, bytes, entry), entry.bytes(), source);
    }

    /**
     * Type and shape of an array.
     *
     * @throws IOException as {@link #array} does
     */
    public NpyHeader header(String name) throws IOException {
        try (UseGuard.Use use = guard.use();
                NpyReader reader = array(name)) {
            return reader.header();
        }
    }

    /**
     * A whole array, see {@link NpyReader#readAll}.
     *
     * @param maxBytes the most that may be read
     * @throws IOException as {@link #array} does, or if it is larger
     */
    public Tensor read(String name, long maxBytes) throws IOException {
        try (UseGuard.Use use = guard.use();
                NpyReader reader = array(name)) {
            return reader.readAll(maxBytes);
        }
    }

    @Override
    public void close() throws IOException {
        guard.close(channel::close);
    }
}
