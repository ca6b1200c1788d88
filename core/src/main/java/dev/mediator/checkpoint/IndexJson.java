package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import dev.mediator.file.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The content of an index of safetensors files, checked value by value: {@code {"metadata": {…}, "weight_map": {tensor:
 * file}}}.
 *
 * @param metadata plain values, as text
 * @param shardOf tensor name → name of a file in the index's folder
 * @param isSealed whether it has a checksum of all that
 */
record IndexJson(Map<String, String> metadata, Map<String, String> shardOf, boolean isSealed) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int MOST_BYTES = 16 << 20;
    private static final int MOST_STRINGS = 100_000;
    static final int MOST_SHARDS = 4096;

    static IndexJson read(Path file, FileBytes bytes) throws IOException {
        if (bytes.size() > MOST_BYTES) {
            throw malformed(file, "it has " + bytes.size() + " bytes, allowed are " + MOST_BYTES);
        }
        IndexJson index = new IndexJson(new LinkedHashMap<>(), new LinkedHashMap<>(), JsonFile.isSealed(file));
        try (JsonParser parser = JSON.createParser(JsonFile.text(file))) {
            index.fill(file, parser);
        } catch (JacksonException e) {
            throw malformed(file, "it is not JSON: " + JsonFile.reason(e));
        }
        Set<String> shards = new HashSet<>(index.shardOf.values());
        if (shards.isEmpty() || shards.size() > MOST_SHARDS) {
            throw malformed(file, "its weight_map names " + shards.size() + " files, allowed are 1 to " + MOST_SHARDS);
        }
        for (String shard : shards) {
            requireFileName(file, shard);
        }
        return index;
    }

    private void fill(Path file, JsonParser parser) throws IOException {
        requireObject(file, parser, "it");
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = parser.currentName();
            switch (field) {
                case "metadata" -> fill(file, parser, "its metadata", metadata);
                case "weight_map" -> fill(file, parser, "its weight_map", shardOf);
                default -> throw malformed(file, "it has the unknown field '" + Quoted.of(field) + "'");
            }
        }
        if (parser.nextToken() != null) {
            throw malformed(file, "something follows its end");
        }
    }

    private static void fill(Path file, JsonParser parser, String what, Map<String, String> strings)
            throws IOException {
        requireObject(file, parser, what);
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            if (!parser.nextToken().isScalarValue() || strings.size() == MOST_STRINGS) {
                throw malformed(file, what + " holds more than " + MOST_STRINGS + " plain values");
            }
            strings.put(key, parser.getString());
        }
    }

    private static void requireObject(Path file, JsonParser parser, String what) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw malformed(file, what + " is not a JSON object");
        }
    }

    /** A file beside the index, and no other place: a downloaded index must not make anything else be opened. */
    private static void requireFileName(Path file, String shard) throws IOException {
        boolean isName = shard.endsWith(".safetensors")
                && !shard.startsWith(".")
                && shard.chars().allMatch(c -> c >= ' ' && c != '/' && c != '\\' && c != ':' && c != 0x7f);
        if (!isName) {
            throw malformed(
                    file,
                    "its weight_map names '" + Quoted.of(shard)
                            + "', which is not the name of a safetensors file beside it");
        }
    }

    static IOException malformed(Path file, String what) {
        return new IOException(file + " is not a usable index of safetensors files: " + what);
    }
}
