package dev.mediator.checkpoint;

import dev.mediator.file.FileNames;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An open safetensors file.
 *
 * <p>Any thread may use it, as {@link TensorFile} says.
 */
public final class SafeTensors implements TensorFile {
    private final Path file;
    private final long bytes;
    private final SafeTensorsHeader header;
    private final MappedFile mapping;

    private SafeTensors(Path file, long bytes, SafeTensorsHeader header) {
        this.file = file;
        this.bytes = bytes;
        this.header = header;
        this.mapping = MappedFile.open(file, bytes);
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws IOException if the file is missing, truncated or not safetensors; the message names file and reason
     */
    public static SafeTensors open(Path file) throws IOException {
        FileNames.require(file);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "does not exist or is not a file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            FileBytes bytes = new FileBytes(channel);
            return new SafeTensors(file, bytes.size(), SafeTensorsHeader.read(file, bytes));
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public TensorFormat format() {
        return TensorFormat.SAFETENSORS;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public Collection<TensorEntry> entries() {
        return Collections.unmodifiableCollection(header.entries().values());
    }

    @Override
    public List<Path> withoutChecksums() {
        return header.checksums() != null ? List.of() : List.of(file);
    }

    @Override
    public void verifyChecksums() throws IOException {
        if (header.checksums() != null) {
            Checksums.verify(file, header, header.checksums());
        }
    }

    /** Files with checksums are ours, and what we wrote was looked at before. */
    @Override
    public void verify() throws IOException {
        if (header.checksums() != null) {
            verifyChecksums();
        } else {
            TensorFile.super.verify();
        }
    }

    /** What {@link Checksums} wrote; null if the file has none. */
    @Nullable
    String checksums() {
        return header.checksums();
    }

    @Nullable
    TensorEntry entry(String name) {
        return header.entries().get(name);
    }

    @Override
    public boolean contains(String name) {
        return header.entries().containsKey(name);
    }

    @Override
    public Tensor get(String name) {
        TensorEntry entry = header.entries().get(name);
        FileRange range = header.ranges().get(name);
        if (entry == null || range == null) {
            throw new IllegalArgumentException(file + " has no tensor '" + name + "'");
        }
        if (entry.numel() == 0) {
            return Tensors.empty(entry.dtype(), entry.sizes());
        }
        try (Scope scope = Scope.open()) {
            return scope.keep(mapping.row(range, entry.dtype()).view(entry.sizes()));
        }
    }

    @Override
    public void close() {
        mapping.close();
    }
}
