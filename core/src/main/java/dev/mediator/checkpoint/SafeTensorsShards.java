package dev.mediator.checkpoint;

import dev.mediator.file.JsonFile;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes tensors into several safetensors files of limited size, with an index as {@link SafeTensorsIndex} and others read
 * it: {@code NAME-00001-of-00003.safetensors}, …, and {@code NAME.safetensors.index.json}. The index comes last: without
 * it there is no checkpoint.
 */
public final class SafeTensorsShards {
    /** What the name of an index ends with. */
    public static final String INDEX_SUFFIX = ".safetensors.index.json";

    private static final JsonMapper JSON = new JsonMapper();

    private SafeTensorsShards() {}

    /**
     * Writes tensors in the map's order; one that is larger than a file may be gets a file of its own.
     *
     * @param index the index, whose name ends in {@link #INDEX_SUFFIX}; the other files are put beside it
     * @param metadata strings such as config and provenance, for the index
     * @param mostBytes what the tensors of a file may have together
     * @return all files, the index last
     */
    public static List<Path> write(
            Path index, Map<String, Tensor> tensors, Map<String, String> metadata, long mostBytes) throws IOException {
        List<Map<String, Tensor>> parts = split(tensors, mostBytes);
        if (parts.size() > IndexJson.MOST_SHARDS) {
            throw new IllegalArgumentException("files of " + mostBytes + " bytes would be " + parts.size()
                    + ", allowed are " + IndexJson.MOST_SHARDS);
        }
        String name = index.getFileName().toString();
        if (!name.endsWith(INDEX_SUFFIX)) {
            throw new IllegalArgumentException("an index is to be called " + name + ", allowed is …" + INDEX_SUFFIX);
        }
        String stem = name.substring(0, name.length() - INDEX_SUFFIX.length());
        Map<String, String> shardOf = new LinkedHashMap<>();
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Path file = index.resolveSibling(
                    String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", stem, i + 1, parts.size()));
            SafeTensorsWriter.write(file, parts.get(i), Map.of("format", "pt"));
            parts.get(i)
                    .keySet()
                    .forEach(tensor -> shardOf.put(tensor, file.getFileName().toString()));
            files.add(file);
        }
        writeIndex(index, metadata, shardOf);
        files.add(index);
        return files;
    }

    /**
     * Writes the index of files that are there already, with a checksum of itself and the checksums of the files, so that none
     * of them can be taken for another.
     *
     * @param metadata strings such as config and provenance
     * @param shardOf tensor name → name of the file beside the index that holds it
     * @throws IOException if a file cannot be read, or the index cannot be written
     */
    public static void writeIndex(Path index, Map<String, String> metadata, Map<String, String> shardOf)
            throws IOException {
        Map<String, SafeTensors> shards = new LinkedHashMap<>();
        try {
            long bytes = 0;
            for (Map.Entry<String, String> place : shardOf.entrySet()) {
                String name = place.getValue();
                if (!shards.containsKey(name)) {
                    shards.put(name, SafeTensors.open(index.resolveSibling(name)));
                }
                TensorEntry entry = Objects.requireNonNull(shards.get(name)).entry(place.getKey());
                bytes += entry == null ? 0 : entry.numel() * entry.dtype().bytes();
            }
            Map<String, String> checked = new TreeMap<>(metadata); // the same bytes, whatever map it is
            String checksums = Checksums.ofParts(shards.values());
            if (checksums != null) {
                checked.put(Checksums.KEY, checksums);
            }
            ObjectNode json = JSON.createObjectNode();
            ObjectNode described = json.putObject("metadata").put("total_size", bytes);
            checked.forEach(described::put);
            shardOf.forEach(json.putObject("weight_map")::put);
            JsonFile.writeSealed(index, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
        } finally {
            shards.values().forEach(SafeTensors::close);
        }
    }

    private static List<Map<String, Tensor>> split(Map<String, Tensor> tensors, long mostBytes) {
        List<Map<String, Tensor>> parts = new ArrayList<>();
        Map<String, Tensor> part = new LinkedHashMap<>();
        long partBytes = 0;
        for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
            long bytes = bytes(tensor.getValue());
            if (!part.isEmpty() && partBytes + bytes > mostBytes) {
                parts.add(part);
                part = new LinkedHashMap<>();
                partBytes = 0;
            }
            part.put(tensor.getKey(), tensor.getValue());
            partBytes += bytes;
        }
        parts.add(part);
        return parts;
    }

    private static long bytes(Tensor tensor) {
        return tensor.numel() * DType.of(tensor).bytes();
    }
}
