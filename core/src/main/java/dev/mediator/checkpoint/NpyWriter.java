package dev.mediator.checkpoint;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                SafeTensorsWriter.writeFully(channel, ByteBuffer.wrap(header));
                TensorBytes.forEachChunk(tensor, chunk -> SafeTensorsWriter.writeFully(channel, chunk));
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
