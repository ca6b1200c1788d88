package dev.mediator.app.cli.sample;

import dev.mediator.file.JsonFile;
import dev.mediator.file.WholeFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the pictures of a folder went through, kept in a file of one line per picture while the folder fills: each line is
 * there before its picture. What a killed process has half written of a line is cut off.
 */
public final class SampleTraces {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private final Path file;
    private final Map<String, SampleTrace> traces = new LinkedHashMap<>();

    private record Line(String file, SampleTrace trace) {}

    private SampleTraces(Path file) {
        this.file = file;
    }

    /**
     * Reads the file, if it is there.
     *
     * @param record the folder's record, of which a finished one has traces too; null for none
     * @throws IOException if the file holds something else
     */
    public static SampleTraces open(Path file, @Nullable ObjectNode record) throws IOException {
        SampleTraces traces = new SampleTraces(file);
        if (record != null) {
            traces.readRecord(record);
        }
        traces.readLines();
        return traces;
    }

    private void readRecord(ObjectNode record) throws IOException {
        for (JsonNode image : record.path("images")) {
            if (image.has("trace")) {
                try {
                    traces.put(image.path("file").asString(), JSON.treeToValue(image.path("trace"), SampleTrace.class));
                } catch (JacksonException e) {
                    throw new IOException(
                            file.resolveSibling(SampleFolder.RECORD) + " is damaged: 'trace' of an image: "
                                    + JsonFile.reason(e),
                            e);
                }
            }
        }
    }

    private void readLines() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        String text = JsonFile.text(file);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        for (String line : whole.lines().toList()) {
            try {
                Line read = JSON.readValue(line, Line.class);
                if (read == null) {
                    throw new IOException(file + " is damaged: a line holds nothing");
                }
                traces.put(read.file(), read.trace());
            } catch (JacksonException e) {
                throw new IOException(file + " is damaged: " + JsonFile.reason(e), e);
            }
        }
        if (whole.length() < text.length()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(whole.getBytes(StandardCharsets.UTF_8).length);
            }
        }
    }

    /** Writes the traces of a batch down. */
    void add(Map<String, SampleTrace> batch) throws IOException {
        StringBuilder lines = new StringBuilder();
        batch.forEach((name, trace) ->
                lines.append(JSON.writeValueAsString(new Line(name, trace))).append('\n'));
        WholeFile.append(file, lines.toString());
        traces.putAll(batch);
    }

    /** The trace of a picture, null if there is none. */
    @Nullable
    SampleTrace of(SampleRecord.Image image) {
        return traces.get(image.file());
    }

    /** Deletes the file; what it held is in the record by then, or not wanted. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
