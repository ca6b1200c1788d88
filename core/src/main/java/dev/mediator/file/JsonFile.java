package dev.mediator.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON in files, which people edit and other programs write: whatever such a file holds, it is read, or refused with one line
 * that names the file and what is wrong with it.
 */
public final class JsonFile {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonFile() {}

    /**
     * The text of a file in UTF-8, without the byte order mark that some editors put before it, and without the checksum that
     * {@link #writeSealed} puts at its end.
     *
     * @throws IOException if the file cannot be read, is not text in UTF-8, or is not what its checksum says
     */
    public static String text(Path file) throws IOException {
        return JsonSeal.open(decoded(file), file);
    }

    private static String decoded(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(FileNames.require(file));
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not JSON: it is not text in UTF-8", e);
        }
    }

    /**
     * Writes an object, whole or not at all, with a checksum of it as its last field, which {@link #text} verifies.
     *
     * @throws IOException if it cannot be written
     */
    public static void writeSealed(Path file, String object) throws IOException {
        WholeFile.write(file, JsonSeal.close(object));
    }

    /**
     * True if a file has such a checksum.
     *
     * @throws IOException if the file cannot be read, or is not text in UTF-8
     */
    public static boolean isSealed(Path file) throws IOException {
        return JsonSeal.isOn(decoded(file));
    }

    /**
     * Any JSON in a file.
     *
     * @throws IOException if the file cannot be read, is not JSON, or has a field twice
     */
    public static JsonNode tree(Path file) throws IOException {
        return tree(text(file), file.toString());
    }

    /**
     * Any JSON text.
     *
     * @param origin named in messages
     * @throws IOException if it is not JSON, or has a field twice
     */
    public static JsonNode tree(String text, String origin) throws IOException {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw new IOException(origin + " is not JSON: " + reason(e), e);
        }
    }

    /**
     * The JSON object in a file.
     *
     * @throws IOException if the file cannot be read, or holds something else
     */
    public static ObjectNode object(Path file) throws IOException {
        return object(text(file), file.toString());
    }

    /**
     * A JSON object.
     *
     * @param origin named in messages
     * @throws IOException if the text is something else
     */
    public static ObjectNode object(String text, String origin) throws IOException {
        if (tree(text, origin) instanceof ObjectNode object) {
            return object;
        }
        throw new IOException(origin + " is not a JSON object");
    }

    /** What was wrong, in one line: the field where it is known, and what was found or expected there. */
    public static String reason(JacksonException failure) {
        return reason(failure, "");
    }

    /**
     * The same of a part of a file.
     *
     * @param prefix of its fields' names, such as {@code runs[2].}
     */
    public static String reason(JacksonException failure, String prefix) {
        if (failure.getCause() instanceof IllegalArgumentException cause && cause.getMessage() != null) {
            return cause.getMessage(); // of our own records, which name what they refuse
        }
        String path = path(failure);
        return (path.isEmpty() ? "" : "field '" + prefix + path + "': ") + JsonReason.of(failure);
    }

    /** Where it was, such as {@code runs.[2].name}; empty for the whole. */
    public static String path(JacksonException failure) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference reference : failure.getPath()) {
            String name = reference.getPropertyName();
            path.append(path.isEmpty() || name == null ? "" : ".")
                    .append(name == null ? "[" + reference.getIndex() + "]" : name);
        }
        return path.toString();
    }
}
