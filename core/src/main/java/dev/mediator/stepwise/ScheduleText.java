package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import dev.mediator.transport.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The short form of schedules, read and written. */
final class ScheduleText {
    private static final String WINDOW = "window=";
    private static final String BATCH = "batch";

    private ScheduleText() {}

    static Schedule parse(String text) {
        int colon = text.indexOf(':');
        String rule = Labels.word(text.substring(0, Math.max(0, colon)));
        String rest = text.substring(colon + 1).strip();
        return switch (rule) {
            case "static" -> new StaticSchedule(MediatorCount.parse(rest));
            case "fixed" -> fixed(text, rest);
            case "threshold" -> threshold(text, rest);
            case "budget" -> new BudgetSchedule(number(text, "the budget", rest));
            default ->
                throw new IllegalArgumentException("the schedule is '" + text
                        + "', allowed are static:N, fixed:N@F,…,N, threshold:N,…,N@R,…;DISTANCE and budget:B, such as"
                        + " threshold:4,16,64@0.8,0.6;mae");
        };
    }

    /** {@code 4@0.4,16@0.8,64}. */
    private static FixedSchedule fixed(String text, String rest) {
        List<MediatorCount> counts = new ArrayList<>();
        List<Double> until = new ArrayList<>();
        String[] stages = rest.split(",", -1);
        for (int i = 0; i < stages.length; i++) {
            boolean isLast = i == stages.length - 1;
            String[] stage = stages[i].split("@", -1);
            if (stage.length != (isLast ? 1 : 2)) {
                throw new IllegalArgumentException("the schedule '" + text + "' has the stage '" + stages[i]
                        + "', expected is "
                        + (isLast
                                ? "a count alone for the last stage, such as 64"
                                : "a count and where it ends, such as 4@0.4"));
            }
            counts.add(MediatorCount.parse(stage[0]));
            if (!isLast) {
                until.add(number(text, "the end of a stage", stage[1]));
            }
        }
        return new FixedSchedule(counts, until);
    }

    /** {@code 4,16,64@0.8,0.6;mae;window=3;batch}; what stands after the thresholds may be in any order. */
    private static ThresholdSchedule threshold(String text, String rest) {
        String[] parts = rest.split(";", -1);
        String[] stages = parts[0].split("@", -1);
        if (stages.length != 2) {
            throw new IllegalArgumentException("the schedule '" + text + "' has '" + parts[0]
                    + "', expected are counts @ thresholds, such as" + " 4,16,64@0.8,0.6");
        }
        List<MediatorCount> counts = Arrays.stream(stages[0].split(",", -1))
                .map(MediatorCount::parse)
                .toList();
        List<Double> thresholds = Arrays.stream(stages[1].split(",", -1))
                .map(word -> number(text, "a threshold", word))
                .toList();
        StepDistance distance = StepDistance.MAE;
        int window = ThresholdSchedule.DEFAULT_WINDOW;
        boolean batchWide = false;
        Set<String> seen = new HashSet<>();
        for (String part : Arrays.asList(parts).subList(1, parts.length)) {
            String word = Labels.word(part);
            String kind;
            if (word.startsWith(WINDOW)) {
                kind = "a window";
                window = whole(text, word.substring(WINDOW.length()));
            } else if (word.equals(BATCH)) {
                kind = "'batch'";
                batchWide = true;
            } else {
                kind = "a distance";
                distance = distance(text, word, part.strip());
            }
            if (!seen.add(kind)) {
                throw new IllegalArgumentException("the schedule '" + text + "' has " + kind + " twice");
            }
        }
        return new ThresholdSchedule(counts, thresholds, distance, window, batchWide);
    }

    private static StepDistance distance(String text, String word, String given) {
        for (StepDistance distance : StepDistance.values()) {
            if (distance.label().equals(word)) {
                return distance;
            }
        }
        throw new IllegalArgumentException("the schedule '" + text + "' has '" + given
                + "', allowed are a distance (mae, mse or denoised), window=N and batch");
    }

    private static double number(String text, String what, String word) {
        try {
            return Double.parseDouble(word.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "the schedule '" + text + "' has '" + word + "' for " + what + ", expected is a number", e);
        }
    }

    private static int whole(String text, String word) {
        try {
            return Integer.parseInt(word.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "the schedule '" + text + "' has '" + word + "' for the window, expected is a whole number", e);
        }
    }

    /** The shortest text that reads as this number. */
    static String number(double value) {
        String text = Double.toString(value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    static String join(List<?> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** A copy of a list that JSON may lack, or may have holes in. */
    static <T> List<T> copy(@Nullable List<T> values, String name) {
        List<T> present = requirePresent(values, name);
        if (present.stream().anyMatch(value -> value == null)) {
            throw new IllegalArgumentException("the schedule's '" + name + "' has an entry without value");
        }
        return List.copyOf(present);
    }

    static <T> T requirePresent(@Nullable T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException("the schedule lacks '" + name + "'");
        }
        return value;
    }
}
