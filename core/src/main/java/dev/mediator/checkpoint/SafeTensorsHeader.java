package dev.mediator.checkpoint;

import dev.mediator.tensor.DType;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The header of a safetensors file, checked: every byte range lies inside the file, fits dtype and shape, and overlaps
 * no other.
 *
 * @param dataStart offset of the first data byte in the file
 * @param metadata the {@code __metadata__} strings
 * @param entries the tensors in file order
 */
record SafeTensorsHeader(long dataStart, Map<String, String> metadata, Map<String, TensorEntry> entries) {
    private static final int MAX_HEADER_BYTES = 100_000_000;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    static SafeTensorsHeader read(Path file, FileChannel channel) throws IOException {
        long fileBytes = channel.size();
        if (fileBytes < 8) {
            throw malformed(file, "it has " + fileBytes + " bytes, a safetensors file has at least 8");
        }
        long headerBytes = readFully(channel, 0, 8).getLong();
        if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || headerBytes > fileBytes - 8) {
            throw malformed(
                    file,
                    "its first 8 bytes claim a header of " + Long.toUnsignedString(headerBytes)
                            + " bytes, the file has " + fileBytes);
        }
        byte[] json = readFully(channel, 8, (int) headerBytes).array();
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JacksonException e) {
            throw malformed(file, "its header is not JSON: " + e.getOriginalMessage());
        }
        if (!root.isObject()) {
            throw malformed(file, "its header is not a JSON object");
        }
        return parse(file, root, 8 + headerBytes, fileBytes);
    }

    private static SafeTensorsHeader parse(Path file, JsonNode root, long dataStart, long fileBytes)
            throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        List<TensorEntry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            if (property.getKey().equals("__metadata__")) {
                if (!property.getValue().isObject()) {
                    throw malformed(file, "its __metadata__ is not a JSON object");
                }
                for (Map.Entry<String, JsonNode> m : property.getValue().properties()) {
                    if (!m.getValue().isString()) {
                        throw malformed(file, "metadata '" + m.getKey() + "' is not a string");
                    }
                    metadata.put(m.getKey(), m.getValue().stringValue());
                }
            } else {
                entries.add(entry(file, property.getKey(), property.getValue(), fileBytes - dataStart));
            }
        }
        entries.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
        Map<String, TensorEntry> byName = new LinkedHashMap<>();
        long previousEnd = 0;
        for (TensorEntry e : entries) {
            if (e.begin() < previousEnd) {
                throw malformed(file, "tensor '" + e.name() + "' overlaps another");
            }
            previousEnd = e.end();
            byName.put(e.name(), e);
        }
        return new SafeTensorsHeader(dataStart, metadata, byName);
    }

    private static TensorEntry entry(Path file, String name, JsonNode node, long dataBytes) throws IOException {
        JsonNode dtypeNode = node.path("dtype");
        JsonNode shapeNode = node.path("shape");
        JsonNode offsets = node.path("data_offsets");
        if (!dtypeNode.isString() || !shapeNode.isArray() || !offsets.isArray() || offsets.size() != 2) {
            throw malformed(file, "tensor '" + name + "' lacks dtype, shape or data_offsets");
        }
        DType dtype;
        try {
            dtype = DType.valueOf(dtypeNode.stringValue());
        } catch (IllegalArgumentException e) {
            throw malformed(file, "tensor '" + name + "' has the unknown dtype " + dtypeNode.stringValue());
        }
        try {
            List<Long> shape = new ArrayList<>();
            for (JsonNode size : shapeNode) {
                shape.add(natural(size));
            }
            TensorEntry entry = new TensorEntry(name, dtype, shape, natural(offsets.get(0)), natural(offsets.get(1)));
            long bytes = Math.multiplyExact(entry.numel(), dtype.bytes());
            if (entry.end() < entry.begin() || entry.end() > dataBytes) {
                throw malformed(
                        file,
                        "tensor '" + name + "' lies at bytes " + entry.begin() + " to " + entry.end()
                                + ", the file holds " + dataBytes + " (truncated?)");
            }
            if (entry.end() - entry.begin() != bytes) {
                throw malformed(
                        file,
                        "tensor '" + name + "' needs " + bytes + " bytes for its shape, its range has "
                                + (entry.end() - entry.begin()));
            }
            return entry;
        } catch (ArithmeticException e) {
            throw malformed(file, "tensor '" + name + "' has sizes out of range");
        }
    }

    private static long natural(JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
            throw new ArithmeticException("not a natural number");
        }
        return node.longValue();
    }

    static ByteBuffer readFully(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("file ends after " + (position + buffer.position()) + " bytes");
            }
        }
        return buffer.flip();
    }

    static IOException malformed(Path file, String what) {
        return new IOException(file + " is not a usable safetensors file: " + what);
    }
}
