package dev.mediator.checkpoint;

import java.util.List;

/**
 * Which weights of a file.
 *
 * @param group what a training's checkpoint calls them
 * @param key where they are, as keys with dots between them such as {@code ema.net}; empty to look for them
 * @param stripPrefix what is taken off the names that begin with it; usually empty
 */
public record Weights(String group, String key, String stripPrefix) {
    /** The exponential moving average: what one samples with. */
    public static final Weights EMA = new Weights("ema", "", "");
    /** The weights that are trained. */
    public static final Weights MODEL = new Weights("model", "", "");

    /** Both, the average first. */
    public static List<Weights> values() {
        return List.of(EMA, MODEL);
    }

    /**
     * The set of a constant's name.
     *
     * @throws IllegalArgumentException if there is no such constant
     */
    public static Weights valueOf(String name) {
        return switch (name) {
            case "EMA" -> EMA;
            case "MODEL" -> MODEL;
            default -> throw new IllegalArgumentException("weights are EMA or MODEL, not " + name);
        };
    }

    /** The same set, at a place that the user names. */
    public Weights at(String newKey, String newStripPrefix) {
        return new Weights(group, newKey, newStripPrefix);
    }

    /** True if the user names where they are. */
    public boolean hasPlace() {
        return !key.isEmpty() || !stripPrefix.isEmpty();
    }

    /** True for the average. */
    public boolean isAverage() {
        return group.equals(EMA.group);
    }

    /** What the names of these tensors start with. */
    public String prefix() {
        return group + ".";
    }
}
