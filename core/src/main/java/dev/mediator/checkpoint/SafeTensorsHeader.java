package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import dev.mediator.file.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The header of a safetensors file, checked: every byte range lies inside the file and fits dtype and shape, and
 * together they cover the data, without overlap and without holes, as the format demands.
 *
 * @param metadata the {@code __metadata__} strings
 * @param entries the tensors in file order
 * @param ranges where in the file their data are
 * @param checksums what {@link Checksums} wrote, which is not among the metadata here; null if the file has none
 */
record SafeTensorsHeader(
        Map<String, String> metadata,
        Map<String, TensorEntry> entries,
        Map<String, FileRange> ranges,
        @Nullable String checksums) {
    /** The format allows 100 MB; this suffices for 100,000 tensors, and bounds the memory that a header can cost. */
    private static final int MAX_HEADER_BYTES = 16 << 20;

    /**
     * A tensor as the header has it.
     *
     * @param offsets its bytes, counted from the end of the header
     */
    record Stored(TensorEntry entry, FileRange offsets) {}

    /** True if a file may begin with this length. */
    static boolean isPlausible(long headerBytes) {
        return headerBytes >= 2 && headerBytes <= MAX_HEADER_BYTES;
    }

    static SafeTensorsHeader read(Path file, FileBytes bytes) throws IOException {
        if (bytes.size() < 8) {
            throw malformed(
                    file,
                    bytes.size() == 0
                            ? "it is empty"
                            : "it has " + bytes.size() + " bytes, a safetensors file has at least 8" + bytes.nature());
        }
        long headerBytes = bytes.read(0, 8).getLong();
        if (!isPlausible(headerBytes) || headerBytes > bytes.size() - 8) {
            throw malformed(
                    file,
                    "its first 8 bytes claim a header of " + Long.toUnsignedString(headerBytes)
                            + " bytes, the file has " + bytes.size() + bytes.nature());
        }
        FileRange json = new FileRange(8, 8 + headerBytes);
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Stored> tensors = new ArrayList<>();
        try (SafeTensorsJson header = new SafeTensorsJson(file, bytes.stream(json))) {
            header.read(metadata, tensors);
        } catch (JacksonException e) {
            throw malformed(file, "its header is not JSON: " + JsonFile.reason(e));
        }
        return arrange(file, metadata, tensors, new FileRange(json.end(), bytes.size()));
    }

    private static SafeTensorsHeader arrange(
            Path file, Map<String, String> metadata, List<Stored> tensors, FileRange data) throws IOException {
        tensors.sort(Comparator.<Stored>comparingLong(t -> t.offsets().begin())
                .thenComparingLong(t -> t.offsets().end()));
        Map<String, TensorEntry> entries = new LinkedHashMap<>();
        Map<String, FileRange> ranges = new LinkedHashMap<>();
        long covered = 0;
        for (Stored tensor : tensors) {
            requireFit(file, tensor, data.bytes());
            FileRange offsets = tensor.offsets();
            if (offsets.begin() < covered) {
                throw malformed(file, "tensor '" + Quoted.of(tensor.entry().name()) + "' overlaps another");
            }
            requireNoHole(file, covered, offsets.begin());
            covered = offsets.end();
            entries.put(tensor.entry().name(), tensor.entry());
            ranges.put(
                    tensor.entry().name(), new FileRange(data.begin() + offsets.begin(), data.begin() + offsets.end()));
        }
        requireNoHole(file, covered, data.bytes());
        String checksums = Checksums.takeFrom(metadata);
        return new SafeTensorsHeader(metadata, entries, ranges, checksums);
    }

    private static void requireFit(Path file, Stored tensor, long dataBytes) throws IOException {
        String name = Quoted.of(tensor.entry().name());
        FileRange offsets = tensor.offsets();
        if (offsets.end() < offsets.begin() || offsets.end() > dataBytes) {
            throw malformed(
                    file,
                    "tensor '" + name + "' lies at bytes " + offsets.begin() + " to " + offsets.end()
                            + ", the file holds " + dataBytes + " (truncated?)");
        }
        long needed;
        try {
            needed = Math.multiplyExact(
                    tensor.entry().numel(), (long) tensor.entry().dtype().bytes());
        } catch (ArithmeticException e) {
            throw malformed(file, "tensor '" + name + "' has sizes out of range");
        }
        if (offsets.bytes() != needed) {
            throw malformed(
                    file,
                    "tensor '" + name + "' needs " + needed + " bytes for its shape, its range has " + offsets.bytes());
        }
    }

    /** Bytes that no tensor claims could be anything, such as a second file that another program reads. */
    private static void requireNoHole(Path file, long end, long next) throws IOException {
        if (next != end) {
            throw malformed(file, "its data bytes " + end + " to " + next + " belong to no tensor");
        }
    }

    static IOException malformed(Path file, String what) {
        return new IOException(file + " is not a usable safetensors file: " + what);
    }
}
