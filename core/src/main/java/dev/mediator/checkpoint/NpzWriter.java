package dev.mediator.checkpoint;

import dev.mediator.file.CannotWriteException;
import dev.mediator.file.WholeFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes .npz files that numpy reads, whole or not at all: a temporary file beside the target is renamed by {@link #finish},
 * and closing without it leaves nothing behind. Arrays of any size can be written some rows at a time.
 *
 * <pre>{@code
 * try (NpzWriter npz = NpzWriter.create(file, Compression.STORED)) {
 *     npz.begin("arr_0", DType.U8, count, height, width, 3);
 *     for (Picture picture : pictures) {
 *         npz.append(picture.samples());
 *     }
 *     npz.finish();
 * }
 * }</pre>
 *
 * <p>For one thread at a time, since arrays follow each other. Closing waits for the write in progress.
 */
public final class NpzWriter implements AutoCloseable {
    private final Path file;
    private final Path temporary;
    private final FileChannel channel;
    private final ZipWriter zip;
    private final Set<String> names = new HashSet<>();
    private final UseGuard guard;
    private String open = "";
    private long bytesLeft;

    private NpzWriter(Path file, Path temporary, Compression compression, long limit32) throws IOException {
        this.file = file;
        this.temporary = temporary;
        this.guard = new UseGuard("the writer of " + file);
        try {
            this.channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw CannotWriteException.of(file, e);
        }
        this.zip = new ZipWriter(channel, compression, 1, limit32);
    }

    /**
     * Starts a file; folders are made as needed.
     *
     * @param file the target; replaced when the new one is finished
     */
    public static NpzWriter create(Path file, Compression compression) throws IOException {
        return create(file, compression, ZipWriter.LIMIT_32);
    }

    /** With another size from which on the archive is written as one of more than 4 GiB must be. */
    static NpzWriter create(Path file, Compression compression, long limit32) throws IOException {
        return new NpzWriter(file, WholeFile.temporary(file), compression, limit32);
    }

    /** Writes a file of arrays in the map's order. */
    public static void write(Path file, Map<String, Tensor> arrays, Compression compression) throws IOException {
        try (NpzWriter npz = create(file, compression)) {
            for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
                npz.add(array.getKey(), array.getValue());
            }
            npz.finish();
        }
    }

    /** Adds a whole array, of any layout and device. */
    public void add(String name, Tensor tensor) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            begin(name, DType.of(tensor), Shapes.of(tensor));
            append(tensor);
        }
    }

    /**
     * Starts an array, whose values {@link #append} then brings; the one before must be complete.
     *
     * @throws IllegalArgumentException if the name is taken, or numpy has no such type
     */
    public void begin(String name, DType dtype, long... shape) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            requireUnfinished();
            endArray();
            start(name, dtype, shape);
        }
    }

    private void start(String name, DType dtype, long... shape) throws IOException {
        if (name.isEmpty() || !names.add(name)) {
            throw new IllegalArgumentException("the array's name is '" + name + "', allowed is one not taken so far");
        }
        byte[] header = NpyHeader.bytesFor(dtype, shape);
        open = name;
        bytesLeft = Math.multiplyExact(Shapes.numel(shape), dtype.bytes());
        written(() -> {
            zip.begin(name + ".npy");
            zip.write(ByteBuffer.wrap(header));
        });
    }

    /** Adds the values of a tensor, which must have the array's type, in row-major order. */
    public void append(Tensor values) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            TensorBytes.forEachChunk(values, this::append);
        }
    }

    /** Adds values as they lie in memory: row-major, little-endian. */
    public void append(byte[] values) throws IOException {
        append(ByteBuffer.wrap(values));
    }

    /** Completes the file: from now on it is there. */
    public void finish() throws IOException {
        try (UseGuard.Use use = guard.use()) {
            requireUnfinished();
            endArray();
            written(() -> {
                zip.finish();
                channel.force(true);
                channel.close();
                WholeFile.rename(temporary, file);
            });
        }
    }

    /** Gives up what is not finished. */
    @Override
    public void close() throws IOException {
        guard.close(() -> {
            zip.close();
            channel.close();
            Files.deleteIfExists(temporary);
        });
    }

    private void append(ByteBuffer chunk) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            requireUnfinished();
            put(chunk);
        }
    }

    private void requireUnfinished() {
        if (!channel.isOpen()) {
            throw new IllegalStateException("the writer of " + file + " has finished it");
        }
    }

    private void put(ByteBuffer chunk) throws IOException {
        if (chunk.remaining() > bytesLeft) {
            throw new IllegalArgumentException("the array '" + open + "' has room for " + bytesLeft
                    + " more bytes, given are " + chunk.remaining());
        }
        bytesLeft -= chunk.remaining();
        written(() -> zip.write(chunk));
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private void written(Step step) throws IOException {
        try {
            step.run();
        } catch (IOException e) {
            throw CannotWriteException.of(file, e);
        }
    }

    private void endArray() throws IOException {
        if (bytesLeft > 0) {
            throw new IllegalStateException("the array '" + open + "' lacks " + bytesLeft + " bytes");
        }
        if (!open.isEmpty()) {
            written(zip::end);
            open = "";
        }
    }
}
