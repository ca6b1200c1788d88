package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the JSON of a header value by value: each is checked before the next one is looked at, so that memory is spent
 * on tensors only.
 */
final class SafeTensorsJson implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int MOST_TENSORS = 100_000;
    private static final int MOST_METADATA = 65_536;
    private static final int MOST_DIMENSIONS = 64;

    private final Path file;
    private final JsonParser parser;

    SafeTensorsJson(Path file, InputStream json) {
        this.file = file;
        this.parser = JSON.createParser(json);
    }

    /** Reads the whole header into these. */
    void read(Map<String, String> metadata, List<SafeTensorsHeader.Stored> tensors) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            throw malformed("its header is not a JSON object");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (name.equals("__metadata__")) {
                readMetadata(metadata);
            } else if (tensors.size() == MOST_TENSORS) {
                throw malformed("it has more than " + MOST_TENSORS + " tensors");
            } else {
                tensors.add(tensor(name));
            }
        }
        if (parser.nextToken() != null) {
            throw malformed("its header is not JSON: something follows it");
        }
    }

    private void readMetadata(Map<String, String> metadata) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw malformed("its __metadata__ is not a JSON object");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw malformed("metadata '" + Quoted.of(key) + "' is not a string");
            }
            if (metadata.size() == MOST_METADATA) {
                throw malformed("it has more than " + MOST_METADATA + " metadata strings");
            }
            metadata.put(key, parser.getString());
        }
    }

    private SafeTensorsHeader.Stored tensor(String name) throws IOException {
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw incomplete(name);
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "dtype" -> dtype = text(name);
                case "shape" -> shape = naturals(name);
                case "data_offsets" -> offsets = naturals(name);
                default ->
                    throw malformed("tensor '" + Quoted.of(name) + "' has the unknown field " + Quoted.of(field));
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
            throw incomplete(name);
        }
        TensorEntry entry = new TensorEntry(name, dtype(name, dtype), shape);
        return new SafeTensorsHeader.Stored(entry, new FileRange(offsets.get(0), offsets.get(1)));
    }

    private DType dtype(String name, String dtype) throws IOException {
        try {
            return DType.valueOf(dtype);
        } catch (IllegalArgumentException e) {
            throw malformed("tensor '" + Quoted.of(name) + "' has the unknown dtype " + Quoted.of(dtype));
        }
    }

    private String text(String name) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw incomplete(name);
        }
        return parser.getString();
    }

    private List<Long> naturals(String name) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw incomplete(name);
        }
        List<Long> numbers = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean isLong = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            if (!isLong || parser.getLongValue() < 0 || numbers.size() == MOST_DIMENSIONS) {
                throw malformed("tensor '" + Quoted.of(name) + "' has sizes out of range");
            }
            numbers.add(parser.getLongValue());
        }
        return numbers;
    }

    private IOException incomplete(String name) {
        return malformed("tensor '" + Quoted.of(name) + "' lacks dtype, shape or data_offsets");
    }

    private IOException malformed(String what) {
        return SafeTensorsHeader.malformed(file, what);
    }

    @Override
    public void close() {
        parser.close();
    }
}
