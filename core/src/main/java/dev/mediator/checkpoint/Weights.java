package dev.mediator.checkpoint;

/** Which weights of a training's checkpoint, where they stand under these names or with these prefixes. */
public enum Weights {
    /** The exponential moving average: what one samples with. */
    EMA("ema"),
    /** The weights that are trained. */
    MODEL("model");

    private final String group;

    Weights(String group) {
        this.group = group;
    }

    /** What a checkpoint calls them. */
    public String group() {
        return group;
    }

    /** What the names of these tensors start with. */
    public String prefix() {
        return group + ".";
    }
}
