package dev.mediator.checkpoint;

import dev.mediator.file.WholeFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A file in memory, copy on write: nothing is read before it is used, and writing to a tensor leaves the file alone.
 * Tensors made of it stay valid when it is closed. Ranges must have been checked against the file's size.
 */
final class MappedFile implements AutoCloseable {
    private final Path file;
    private final Tensor bytes; // [file bytes] U8
    private final UseGuard guard;

    private MappedFile(Path file, Tensor bytes) {
        this.file = file;
        this.bytes = bytes;
        this.guard = new UseGuard(file.toString());
    }

    /** Maps a whole file of this size, at least one byte. */
    static MappedFile open(Path file, long size) {
        try (Scope scope = Scope.open()) {
            Tensor mapped = torch.from_file(
                    file.toString(), new BoolOptional(false), new LongOptional(size), Tensors.options(DType.U8));
            return new MappedFile(file, scope.release(mapped));
        }
    }

    /**
     * The numbers in a range, as one row: a view, or a copy where the range begins at no multiple of the element size,
     * since processors and libraries expect numbers at such places.
     *
     * @throws UncheckedIOException if the file has been cut off since: using what is gone would end the process
     */
    Tensor row(FileRange range, DType dtype) {
        try (UseGuard.Use use = guard.use();
                Scope scope = Scope.open()) {
            requireThere(file, range.end());
            Tensor part = bytes.narrow(0, range.begin(), range.bytes());
            if (!isAligned(range, dtype)) {
                part = part.clone();
            }
            return scope.keep(part.view(dtype.scalarType()));
        }
    }

    private static void requireThere(Path file, long end) {
        try {
            WholeFile.requireBytes(file, end);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** True if {@link #row} is a view. */
    static boolean isAligned(FileRange range, DType dtype) {
        return range.begin() % dtype.bytes() == 0;
    }

    @Override
    public void close() {
        guard.close(bytes::close);
    }
}
