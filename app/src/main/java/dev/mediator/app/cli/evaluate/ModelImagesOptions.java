package dev.mediator.app.cli.evaluate;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.option.GenerationOptions;
import dev.mediator.app.cli.option.WeightsOption;
import dev.mediator.app.cli.option.WeightsPlace;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.evaluation.ModelSamples;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that name a network and how it makes the images that are scored. */
final class ModelImagesOptions {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            split = ",",
            description = "Score what this checkpoint makes; several, if the stages of a schedule are networks of their"
                    + " own.")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = "--model-weights",
            paramLabel = "ema|model",
            description = "Which weights of a training's checkpoint. Default: ${DEFAULT-VALUE}.",
            defaultValue = "ema")
    private String weights = "ema";

    @Mixin
    private WeightsPlace place = new WeightsPlace();

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Images to make; classes take turns. Default: ${DEFAULT-VALUE}.",
            defaultValue = "10000")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the whole set of images, 64 bits: another one, entirely other noise. Default:"
                    + " ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private long seed;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Images made together; changes speed and memory only. Default: ${DEFAULT-VALUE}.",
            defaultValue = "20")
    private int batch;

    @Mixin
    private GenerationOptions sampling;

    /** Whether a network was named. */
    boolean isGiven() {
        return !models.isEmpty();
    }

    /**
     * The images, none of which is made yet.
     *
     * @throws IllegalArgumentException if the network cannot make them with these settings
     * @throws IOException if a checkpoint cannot be used
     */
    ModelImages open(Placement placement, Console console) throws IOException {
        sampling.requireUsable(placement.device());
        ModelSamples samples = new ModelSamples(count, seed, batch);
        ImageGenerator generator = ImageGenerator.open(models, place.of(WeightsOption.parse(weights)), placement);
        boolean usable = false;
        try {
            sampling.prepare(generator);
            GenerationSettings settings = sampling.settings(generator, console);
            RunPlan plan = generator.plan(settings);
            List<SampleRecord.Checkpoint> described = new ArrayList<>();
            for (Path model : models) {
                described.add(SampleRecord.Checkpoint.of(model));
            }
            ModelImages images = new ModelImages(
                    new ModelImages.Description(
                            described,
                            place.name(WeightsOption.word(weights)),
                            placement.dtype(),
                            settings,
                            settings.sampler().summary(),
                            plan.schedule().toString(),
                            samples),
                    generator,
                    plan);
            usable = true;
            return images;
        } finally {
            if (!usable) {
                generator.close();
            }
        }
    }
}
