package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.file.JsonFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The JSON texts in a golden file's metadata. */
final class GoldenMetadata {
    private static final JsonMapper JSON = new JsonMapper();

    private GoldenMetadata() {}

    /** An object of strings, such as the status of each tensor. */
    static Map<String, String> strings(SafeTensors file, String key) {
        Map<String, String> strings = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : parse(file, key).properties()) {
            strings.put(property.getKey(), property.getValue().asString());
        }
        return strings;
    }

    /** A list of strings, such as the words that index columns stand for. */
    static List<String> words(SafeTensors file, String key) {
        List<String> words = new ArrayList<>();
        for (JsonNode word : parse(file, key)) {
            words.add(word.asString());
        }
        return words;
    }

    /** Any JSON text. */
    static JsonNode parse(SafeTensors file, String key) {
        String text = file.metadata().get(key);
        if (text == null) {
            throw new IllegalArgumentException(file.file() + " has no metadata '" + key + "'");
        }
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    file.file() + ": metadata '" + key + "' is not JSON: " + JsonFile.reason(e), e);
        }
    }
}
