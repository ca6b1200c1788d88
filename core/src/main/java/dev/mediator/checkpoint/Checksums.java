package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * CRC-32C of what a safetensors file says and of each of its tensors, kept as one string of its metadata: {@code crc32c},
 * then 8 hexadecimal digits for metadata, names, types and shapes together, and 8 for the bytes of each tensor in file order.
 * Of an index the string has 8 digits for each of its files, of the string that the file has.
 * It finds what storage and copying do to files, at the speed of memory; it is no protection against people.
 */
final class Checksums {
    /** The name of the string. */
    static final String KEY = "checksums";

    private static final String KIND = "crc32c";
    private static final int CHUNK_BYTES = 1 << 20;

    private Checksums() {}

    /** The string for tensors that are about to be written. */
    static String of(Map<String, Tensor> tensors, Map<String, String> metadata, List<TensorEntry> entries)
            throws IOException {
        StringBuilder text = new StringBuilder(KIND).append(hex(description(metadata, entries)));
        for (Tensor tensor : tensors.values()) {
            CRC32C crc = new CRC32C();
            TensorBytes.forEachChunk(tensor, crc::update);
            text.append(hex(crc.getValue()));
        }
        return text.toString();
    }

    /** Takes the string out of the metadata of a file; one whose own name was damaged stays there, and so is noticed. */
    static @Nullable String takeFrom(Map<String, String> metadata) {
        String found = metadata.remove(KEY);
        return found != null
                ? found
                : metadata.values().stream()
                        .filter(value -> value.startsWith(KIND + " "))
                        .findFirst()
                        .orElse(null);
    }

    /**
     * Holds a file against its string.
     *
     * @param header the file's, without the string among its metadata
     * @throws IOException if they differ; the message names what is damaged
     */
    static void verify(Path file, SafeTensorsHeader header, @Nullable String checksums) throws IOException {
        String[] expected = String.valueOf(checksums).split(" ", -1);
        List<TensorEntry> entries = new ArrayList<>(header.entries().values());
        if (expected.length != entries.size() + 2 || !expected[0].equals(KIND)) {
            throw damaged(file, "its checksums are not of its " + entries.size() + " tensors");
        }
        if (!expected[1].equals(hex(description(header.metadata(), entries)).strip())) {
            throw damaged(file, "its metadata, or the names and shapes of its tensors, are not what was written");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
            for (int i = 0; i < entries.size(); i++) {
                String name = entries.get(i).name();
                FileRange range = header.ranges().get(name);
                if (range != null
                        && !expected[i + 2].equals(
                                hex(crc(channel, range, buffer)).strip())) {
                    throw damaged(
                            file,
                            "the numbers of tensor '" + Quoted.of(name) + "' have changed since they were written");
                }
            }
        }
    }

    /**
     * The string for files that belong together, of the string that each of them has.
     *
     * @return null if one has none
     */
    static @Nullable String ofParts(Collection<SafeTensors> parts) {
        StringBuilder text = new StringBuilder(KIND);
        for (SafeTensors part : parts) {
            if (part.checksums() == null) {
                return null;
            }
            text.append(ofPart(part));
        }
        return text.toString();
    }

    /**
     * Holds the files of an index against its string, which is of their checksums: only those are read.
     *
     * @throws IOException if a file is not the one that the index was written for
     */
    static void verifyParts(Path index, String checksums, Collection<SafeTensors> parts) throws IOException {
        String[] expected = checksums.split(" ", -1);
        if (expected.length != parts.size() + 1 || !expected[0].equals(KIND)) {
            throw damaged(index, "its checksums are not of its " + parts.size() + " files");
        }
        int i = 1;
        for (SafeTensors part : parts) {
            if (!ofPart(part).strip().equals(expected[i++])) {
                throw new IOException(part.file() + " is not the file that " + index.getFileName()
                        + " was written for: its checksums differ. If it was changed on purpose, take '" + KEY
                        + "' and 'checksum' out of " + index);
            }
        }
    }

    private static String ofPart(SafeTensors part) {
        CRC32C crc = new CRC32C();
        crc.update(String.valueOf(part.checksums()).getBytes(StandardCharsets.UTF_8));
        return hex(crc.getValue());
    }

    private static long crc(FileChannel channel, FileRange range, ByteBuffer buffer) throws IOException {
        CRC32C crc = new CRC32C();
        for (long at = range.begin(); at < range.end(); ) {
            buffer.clear().limit((int) Math.min(CHUNK_BYTES, range.end() - at));
            int read = channel.read(buffer, at);
            if (read < 0) {
                return -1; // cut off since it was opened
            }
            at += read;
            crc.update(buffer.flip());
        }
        return crc.getValue();
    }

    private static long description(Map<String, String> metadata, List<TensorEntry> entries) {
        CRC32C crc = new CRC32C();
        new TreeMap<>(metadata).forEach((name, value) -> update(crc, name, value));
        entries.forEach(
                entry -> update(crc, entry.name(), entry.dtype() + entry.shape().toString()));
        return crc.getValue();
    }

    private static void update(Checksum crc, String name, String value) {
        crc.update((name + "\0" + value + "\0").getBytes(StandardCharsets.UTF_8));
    }

    private static String hex(long crc) {
        return String.format(Locale.ROOT, " %08x", crc);
    }

    private static IOException damaged(Path file, String what) {
        return new IOException(file + " is damaged: " + what
                + ". If another program changed the file on purpose, take '" + KEY + "' out of its metadata");
    }
}
