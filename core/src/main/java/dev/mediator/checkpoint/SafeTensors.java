package dev.mediator.checkpoint;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An open safetensors file. Tensors are views of the mapped file (copy on write, nothing is read before it is used), so
 * a file of any size opens at once. Close it when no new tensor is needed; views taken before stay valid.
 */
public final class SafeTensors implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 26;

    private final Path file;
    private final SafeTensorsHeader header;
    private final Tensor mapping; // [file bytes] U8

    private SafeTensors(Path file, SafeTensorsHeader header, Tensor mapping) {
        this.file = file;
        this.header = header;
        this.mapping = mapping;
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws IOException if the file is missing, truncated or not safetensors; the message names file and reason
     */
    public static SafeTensors open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "does not exist or is not a file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                Scope scope = Scope.open()) {
            SafeTensorsHeader header = SafeTensorsHeader.read(file, channel);
            Tensor mapping = torch.from_file(
                    file.toString(),
                    new BoolOptional(false),
                    new LongOptional(channel.size()),
                    Tensors.options(DType.U8));
            return new SafeTensors(file, header, scope.release(mapping));
        }
    }

    /** The file this was opened from. */
    public Path file() {
        return file;
    }

    /** The string metadata, such as config and provenance. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** The tensors in file order. */
    public Collection<TensorEntry> entries() {
        return header.entries().values();
    }

    /** True if the file holds this tensor. */
    public boolean contains(String name) {
        return header.entries().containsKey(name);
    }

    /**
     * A tensor of the file, as a view of the mapped memory.
     *
     * @throws IllegalArgumentException if there is no such tensor
     */
    public Tensor get(String name) {
        TensorEntry entry = header.entries().get(name);
        if (entry == null) {
            throw new IllegalArgumentException(file + " has no tensor '" + name + "'");
        }
        if (entry.numel() == 0) {
            return Tensors.empty(entry.dtype(), entry.sizes());
        }
        try (Scope scope = Scope.open()) {
            long begin = header.dataStart() + entry.begin();
            Tensor bytes = mapping.narrow(0, begin, entry.end() - entry.begin());
            if (begin % entry.dtype().bytes() != 0) {
                bytes = bytes.clone();
            }
            return scope.keep(bytes.view(entry.dtype().scalarType()).view(entry.sizes()));
        }
    }

    /** All tensors by name, in file order. */
    public Map<String, Tensor> all() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        header.entries().keySet().forEach(name -> tensors.put(name, get(name)));
        return tensors;
    }

    /** SHA-256 of a tensor's row-major little-endian bytes, in hexadecimal. */
    public String sha256(String name) {
        try (Scope scope = Scope.open()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            forEachChunk(get(name), digest::update);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        mapping.close();
    }

    /** What is done with each piece of a tensor's memory. */
    interface ChunkConsumer {
        void accept(ByteBuffer chunk) throws IOException;
    }

    /** Walks over the row-major bytes of a tensor in pieces that fit a buffer. */
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
}
