package dev.mediator.app.cli.option;

import dev.mediator.checkpoint.Weights;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that name a checkpoint to look into. */
public final class ModelOptions {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "The checkpoint. Default: the weights that come with the program.")
    private @Nullable Path model;

    @Option(
            names = "--weights",
            paramLabel = "ema|model",
            description = "Which weights of a training's checkpoint. Default: ${DEFAULT-VALUE}.",
            defaultValue = "ema")
    private String weights = "ema";

    @Mixin
    private WeightsPlace place = new WeightsPlace();

    /** The checkpoint's file. */
    public Path file() throws IOException {
        return model != null ? model : ShippedWeights.find();
    }

    /** Which of its weights, as records have it. */
    public String weightsName() {
        return place.name(WeightsOption.word(weights));
    }

    /** Which of its weights. */
    public Weights weights() {
        return place.of(WeightsOption.parse(weights));
    }
}
