package dev.mediator.checkpoint;

import dev.mediator.file.WholeFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;

/** Writes .npy files, whole or not at all: a temporary file beside the target is renamed when it is complete. */
public final class NpyWriter {
    private NpyWriter() {}

    /**
     * Writes one array in row-major order, as {@code numpy.save} does.
     *
     * @param file the target; replaced if it exists, folders are made as needed
     * @throws IllegalArgumentException if numpy has no such type
     */
    public static void write(Path file, Tensor tensor) throws IOException {
        byte[] header = NpyHeader.bytesFor(DType.of(tensor), Shapes.of(tensor));
        WholeFile.write(file, channel -> {
            WholeFile.writeFully(channel, ByteBuffer.wrap(header));
            TensorBytes.forEachChunk(tensor, chunk -> WholeFile.writeFully(channel, chunk));
        });
    }
}
