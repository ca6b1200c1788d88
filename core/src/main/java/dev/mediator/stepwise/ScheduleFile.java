package dev.mediator.stepwise;

import dev.mediator.file.FileNames;
import dev.mediator.file.JsonFile;
import dev.mediator.model.Guidance;
import dev.mediator.sampling.SamplerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A schedule in a JSON file, and the way of sampling that it was made for where that was chosen together with it.
 *
 * @param schedule the schedule
 * @param points of the sampler; null if it goes with any number
 * @param guidanceInterval start and end of the guided interval; null if it goes with any
 */
public record ScheduleFile(
        Schedule schedule,
        @Nullable Integer points,
        @Nullable List<Double> guidanceInterval) {
    private static final TypeReference<List<Double>> INTERVAL = new TypeReference<>() {};
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Checks that an interval has two ends. */
    public ScheduleFile {
        if (guidanceInterval != null) {
            if (guidanceInterval.size() != 2) {
                throw new IllegalArgumentException(
                        "its guidanceInterval is " + guidanceInterval + ", expected are two numbers, start and end");
            }
            guidanceInterval = ScheduleText.copy(guidanceInterval, "guidanceInterval");
        }
    }

    /**
     * Reads a JSON file that holds a schedule, or an object with one in its field {@code schedule}; there it may also be
     * the short form as a string, and {@code points} and {@code guidanceInterval} may stand beside it.
     *
     * @throws IOException if the file cannot be read or holds no valid schedule
     */
    public static ScheduleFile read(Path file) throws IOException {
        String text = JsonFile.text(FileNames.require(file));
        try {
            JsonNode tree = JSON.readTree(text);
            return new ScheduleFile(
                    schedule(tree),
                    tree.hasNonNull("points") ? JSON.treeToValue(tree.path("points"), Integer.class) : null,
                    tree.hasNonNull("guidanceInterval")
                            ? JSON.treeToValue(tree.path("guidanceInterval"), INTERVAL)
                            : null);
        } catch (JacksonException e) {
            throw new IOException(file + " holds no schedule: " + JsonFile.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds no schedule: " + e.getMessage(), e);
        }
    }

    private static Schedule schedule(JsonNode tree) {
        JsonNode schedule = tree.has("schedule") ? tree.path("schedule") : tree;
        if (schedule.isString()) {
            return Schedule.parse(schedule.stringValue());
        }
        if (!schedule.isObject()) {
            throw new IllegalArgumentException("it is neither an object with a 'rule' nor one with a 'schedule'");
        }
        return JSON.treeToValue(schedule, Schedule.class);
    }

    /**
     * Refuses another way of sampling than that which the schedule was made for.
     *
     * @throws IllegalArgumentException that says which options go with it
     */
    public void requireFits(SamplerConfig sampler, Guidance guidance) {
        if (points != null && points != sampler.points()) {
            throw new IllegalArgumentException("the schedule " + schedule + " was tuned for " + points
                    + " points, the sampler has " + sampler.points() + "; add --points " + points);
        }
        List<Double> intervalNow = List.of(guidance.tMin(), guidance.tMax());
        if (guidanceInterval != null && !guidanceInterval.equals(intervalNow)) {
            String options = guidanceInterval.get(0) + "," + guidanceInterval.get(1);
            throw new IllegalArgumentException("the schedule " + schedule + " was tuned for guidance in the interval "
                    + options + ", guided is " + guidance.tMin() + "," + guidance.tMax() + "; add --guidance-interval "
                    + options);
        }
    }
}
