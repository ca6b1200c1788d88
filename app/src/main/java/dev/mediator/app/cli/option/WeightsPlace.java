package dev.mediator.app.cli.option;

import dev.mediator.checkpoint.Weights;
import picocli.CommandLine.Option;

/** The options that say where in a file the weights are, where that is not recognised. */
public final class WeightsPlace {
    @Option(
            names = "--weights-key",
            paramLabel = "KEY",
            description = "Where in the file the weights are, as keys with dots between them, such as ema.net. Default:"
                    + " they are looked for.",
            defaultValue = "")
    private String key = "";

    @Option(
            names = "--strip-prefix",
            paramLabel = "PREFIX",
            description = "What to take off the tensors' names that begin with it. Default: what is recognised.",
            defaultValue = "")
    private String prefix = "";

    /** A choice of weights, at this place. */
    public Weights of(Weights weights) {
        return isNamed() ? weights.at(key.endsWith(".") ? key.substring(0, key.length() - 1) : key, prefix) : weights;
    }

    /** The choice as a record names it. */
    public String name(String weights) {
        return isNamed() ? weights + " at '" + key + "' without '" + prefix + "'" : weights;
    }

    /**
     * Refuses a place where there is no file to look into.
     *
     * @throws IllegalArgumentException if the place is said
     */
    public void refuse(String why) {
        if (isNamed()) {
            throw new IllegalArgumentException(
                    (key.isEmpty() ? "--strip-prefix is '" + prefix : "--weights-key is '" + key) + "', but " + why);
        }
    }

    /** True if the place is said. */
    public boolean isNamed() {
        return !key.isEmpty() || !prefix.isEmpty();
    }
}
