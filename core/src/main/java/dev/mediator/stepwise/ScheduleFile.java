package dev.mediator.stepwise;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads schedules from JSON files. */
final class ScheduleFile {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ScheduleFile() {}

    static Schedule read(Path file) throws IOException {
        String text = Files.readString(file);
        try {
            JsonNode tree = JSON.readTree(text);
            JsonNode schedule = tree.has("schedule") ? tree.path("schedule") : tree;
            if (schedule.isString()) {
                return Schedule.parse(schedule.stringValue());
            }
            if (!schedule.isObject()) {
                throw new IllegalArgumentException("it is neither an object with a 'rule' nor one with a 'schedule'");
            }
            return JSON.treeToValue(schedule, Schedule.class);
        } catch (JacksonException e) {
            String reason = e.getCause() instanceof IllegalArgumentException cause && cause.getMessage() != null
                    ? cause.getMessage()
                    : e.getOriginalMessage();
            throw new IOException(file + " holds no schedule: " + reason, e);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds no schedule: " + e.getMessage(), e);
        }
    }
}
