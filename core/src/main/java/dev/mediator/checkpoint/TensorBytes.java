package dev.mediator.checkpoint;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/** A tensor's numbers as the formats store them: row-major and little-endian, whatever its layout in memory. */
final class TensorBytes {
    private static final int CHUNK_BYTES = 1 << 26;

    private TensorBytes() {}

    /** What is done with each piece of a tensor's memory. */
    interface ChunkConsumer {
        void accept(ByteBuffer chunk) throws IOException;
    }

    /** Walks over the bytes in pieces that fit a buffer. */
    static void forEachChunk(Tensor tensor, ChunkConsumer consumer) throws IOException {
        try (Scope scope = Scope.open()) {
            Tensor dense = tensor.detach().cpu().contiguous();
            if (dense.numel() == 0) {
                return;
            }
            BytePointer bytes = Tensors.bytes(dense);
            long total = bytes.capacity();
            for (long at = 0; at < total; at += CHUNK_BYTES) {
                long count = Math.min(CHUNK_BYTES, total - at);
                consumer.accept(bytes.getPointer(at).capacity(count).asByteBuffer());
            }
        }
    }

    /** SHA-256 of the bytes, in hexadecimal. */
    static String sha256(Tensor tensor) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            forEachChunk(tensor, digest::update);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
