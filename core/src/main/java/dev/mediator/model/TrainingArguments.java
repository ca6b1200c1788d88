package dev.mediator.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the arguments of a foreign training, saved beside its weights, tell of the labels.
 *
 * @param classes number of classes; null if they do not say
 * @param labelDropout share of samples trained without their class; null if they do not say
 */
record TrainingArguments(
        @Nullable Integer classes, @Nullable Double labelDropout) {
    /** What descendants of SiT and DiT call it. */
    private static final List<String> DROPOUTS =
            List.of("args.class_dropout_prob", "args.cfg_prob", "args.cfg_class_dropout_prob");

    static TrainingArguments of(Map<String, String> metadata) {
        Double classes = number(metadata.get("args.num_classes"));
        Double dropout = DROPOUTS.stream()
                .map(metadata::get)
                .filter(text -> number(text) != null)
                .findFirst()
                .map(Double::valueOf)
                .orElse(null);
        return new TrainingArguments(
                classes == null ? null : classes.intValue(),
                dropout == null || dropout < 0 || dropout > 1 ? null : dropout);
    }

    private static @Nullable Double number(@Nullable String text) {
        try {
            return text == null ? null : Double.valueOf(text);
        } catch (NumberFormatException e) {
            return null; // such as None
        }
    }
}
