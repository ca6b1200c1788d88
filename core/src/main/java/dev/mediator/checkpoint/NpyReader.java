package dev.mediator.checkpoint;

import dev.mediator.file.FileNames;
import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/**
 * An array in numpy's format that is read from its start to its end, at once or some rows at a time. Whether its size fits
 * what it claims is checked before anything is read.
 *
 * <p>For one thread at a time: it has a place in the file. Closing waits for the read in progress.
 */
public final class NpyReader implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 16;

    private final String source;
    private final InputStream in;
    private final NpyHeader header;
    private final UseGuard guard;
    private long bytesLeft;

    private NpyReader(String source, InputStream in, NpyHeader header) {
        this.source = source;
        this.in = in;
        this.header = header;
        this.guard = new UseGuard(source);
        this.bytesLeft = header.dataBytes();
    }

    /**
     * Opens a .npy file.
     *
     * @throws IOException if the file is missing, truncated or no array of a type that is read
     */
    public static NpyReader open(Path file) throws IOException {
        FileNames.require(file);
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " does not exist or is not a file");
        }
        return open(
                new BufferedInputStream(Files.newInputStream(file), CHUNK_BYTES), Files.size(file), file.toString());
    }

    /** Takes over a stream of a known length; it is closed if it holds no array. */
    static NpyReader open(InputStream in, long bytes, String source) throws IOException {
        boolean usable = false;
        try {
            NpyHeader header = NpyHeader.read(in, source);
            long expected = header.dataStart() + header.dataBytes();
            if (expected != bytes) {
                throw NpyHeader.malformed(
                        source,
                        "its shape " + header.shape() + " of " + header.dtype() + " needs " + expected
                                + " bytes, found are " + bytes + (bytes < expected ? " (truncated?)" : ""));
            }
            usable = true;
            return new NpyReader(source, in, header);
        } finally {
            if (!usable) {
                in.close();
            }
        }
    }

    /** Type, shape and order. */
    public NpyHeader header() {
        return header;
    }

    /**
     * The whole array.
     *
     * @param maxBytes the most that may be read: what a file claims is not what one has memory for
     * @return the array's shape, row-major whatever its order in the file
     * @throws IOException if it is larger, or the file cannot be read
     */
    public Tensor readAll(long maxBytes) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            return readWhole(maxBytes);
        }
    }

    private Tensor readWhole(long maxBytes) throws IOException {
        if (bytesLeft != header.dataBytes()) {
            throw new IllegalStateException(source + " has been read in part already");
        }
        if (bytesLeft > maxBytes) {
            throw new IOException(source + " holds an array " + header.shape() + " of " + header.dtype() + ", "
                    + bytesLeft + " bytes; allowed here are " + maxBytes);
        }
        if (!header.fortranOrder()) {
            return take(header.sizes());
        }
        List<Long> reversed = new ArrayList<>(header.shape());
        Collections.reverse(reversed);
        long[] axes = new long[reversed.size()];
        Arrays.setAll(axes, axis -> axes.length - 1 - axis);
        try (Scope scope = Scope.open()) {
            Tensor stored = take(reversed.stream().mapToLong(Long::longValue).toArray());
            return scope.keep(stored.permute(axes).contiguous());
        }
    }

    /**
     * The next rows along the first axis; none are left when it has size 0.
     *
     * @param maxRows the most that are wanted, at least 1
     * @return [rows, …]
     * @throws IOException if the array is not row-major or the file cannot be read
     */
    public Tensor next(long maxRows) throws IOException {
        if (maxRows < 1) {
            throw new IllegalArgumentException("maxRows is " + maxRows + ", allowed is 1 or more");
        }
        try (UseGuard.Use use = guard.use()) {
            requireRows();
            long[] shape = header.shape().isEmpty() ? new long[] {1} : header.sizes();
            shape[0] = Math.min(maxRows, rowsLeft());
            return take(shape);
        }
    }

    /**
     * Fills an array with the bytes that come next: rows without a tensor.
     *
     * @throws IOException if the array is not row-major, has fewer bytes left, or the file cannot be read
     */
    public void read(byte[] target) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            requireRows();
            fill(target, target.length);
        }
    }

    /** Rows not read so far. */
    public long rowsLeft() {
        return header.rowBytes() == 0 ? 0 : bytesLeft / header.rowBytes();
    }

    @Override
    public void close() throws IOException {
        guard.close(in::close);
    }

    private void requireRows() throws IOException {
        if (header.fortranOrder() && header.shape().size() > 1) {
            throw new IOException(source + " is in Fortran order, in which rows do not lie side by side: it can only be"
                    + " read as a whole; save it with numpy.ascontiguousarray");
        }
    }

    private Tensor take(long[] shape) throws IOException {
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensors.empty(header.dtype(), shape);
            if (tensor.numel() > 0) {
                BytePointer target = Tensors.bytes(tensor);
                byte[] chunk = new byte[CHUNK_BYTES];
                long total = target.capacity();
                for (long at = 0; at < total; at += CHUNK_BYTES) {
                    int count = (int) Math.min(CHUNK_BYTES, total - at);
                    fill(chunk, count);
                    target.position(at).put(chunk, 0, count);
                }
            }
            return scope.keep(tensor);
        }
    }

    private void fill(byte[] target, int count) throws IOException {
        try {
            if (count > bytesLeft || in.readNBytes(target, 0, count) < count) {
                throw new IOException(source + " ends too early");
            }
        } catch (ClosedChannelException e) {
            Cancellation.check(); // an interrupt closes it too
            throw new IllegalStateException(source + " is closed", e);
        }
        bytesLeft -= count;
    }
}
