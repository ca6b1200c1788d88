package dev.mediator.checkpoint;

import dev.mediator.file.FileNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** How a file stores its tensors, recognised by its first bytes. */
public enum TensorFormat {
    /** One file: header and raw data. */
    SAFETENSORS("safetensors") {
        @Override
        TensorFile open(Path file) throws IOException {
            return SafeTensors.open(file);
        }
    },
    /** A JSON index that says in which safetensors file beside it each tensor is. */
    SAFETENSORS_INDEX("safetensors index") {
        @Override
        TensorFile open(Path file) throws IOException {
            return SafeTensorsIndex.open(file);
        }
    },
    /** What PyTorch writes since 1.6: a zip archive of one pickle and the raw storages. */
    TORCH_ZIP("PyTorch zip") {
        @Override
        TensorFile open(Path file) throws IOException {
            return TorchFile.open(file);
        }
    },
    /** What PyTorch wrote before 1.6: several pickles, then the raw storages. */
    TORCH_LEGACY("PyTorch legacy") {
        @Override
        TensorFile open(Path file) throws IOException {
            return TorchFile.open(file);
        }
    };

    private static final int START_BYTES = 512;
    private static final int TAR_MAGIC_AT = 257;
    private static final int PICKLE_PROTO = 0x80;

    private final String label;

    TensorFormat(String label) {
        this.label = label;
    }

    abstract TensorFile open(Path file) throws IOException;

    /**
     * Looks at the first bytes of a file.
     *
     * @throws IOException if there is no such file, or it is of no known format
     */
    static TensorFormat recognise(Path file) throws IOException {
        FileNames.require(file);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "does not exist or is not a file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            FileBytes bytes = new FileBytes(channel);
            TensorFormat format = recognise(file, bytes.start(START_BYTES), bytes.size());
            if (format == null) {
                throw new IOException(file + " is neither a safetensors nor a PyTorch file" + bytes.nature());
            }
            return format;
        }
    }

    private static @Nullable TensorFormat recognise(Path file, ByteBuffer start, long size) throws IOException {
        if (start.limit() >= 4 && start.getInt(0) == ZipEntryHeader.LOCAL) {
            return TORCH_ZIP;
        } else if (size > 8 && SafeTensorsHeader.isPlausible(start.getLong(0)) && start.get(8) == '{') {
            return SAFETENSORS; // before pickles: one header length in 32 begins with their first byte
        } else if (start.limit() > 0 && (start.get(0) & 0xff) == PICKLE_PROTO) {
            return TORCH_LEGACY;
        } else if (isTar(start)) {
            throw new IOException(file + " is in the tar format of PyTorch before 0.2, which is not read; load and save"
                    + " it with a newer PyTorch");
        } else if (size < 8 || SafeTensorsHeader.isPlausible(start.getLong(0))) {
            return SAFETENSORS;
        } else if (StandardCharsets.UTF_8.decode(start).toString().strip().startsWith("{")) {
            return SAFETENSORS_INDEX;
        }
        return null;
    }

    private static boolean isTar(ByteBuffer start) {
        byte[] magic = "ustar".getBytes(StandardCharsets.US_ASCII);
        return start.limit() > TAR_MAGIC_AT + magic.length
                && start.slice(TAR_MAGIC_AT, magic.length).equals(ByteBuffer.wrap(magic));
    }

    @Override
    public String toString() {
        return label;
    }
}
