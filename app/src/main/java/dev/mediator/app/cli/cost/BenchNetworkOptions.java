package dev.mediator.app.cli.cost;

import dev.mediator.app.bench.Inference;
import dev.mediator.app.bench.InferenceWork;
import dev.mediator.app.bench.Linear;
import dev.mediator.app.bench.NetworkSource;
import dev.mediator.app.bench.Subject;
import dev.mediator.app.bench.Training;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.option.CudaGraphsOption;
import dev.mediator.app.cli.option.WeightsOption;
import dev.mediator.app.cli.option.WeightsPlace;
import dev.mediator.checkpoint.Weights;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.model.Guidance;
import dev.mediator.model.LabelTraining;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitFile;
import dev.mediator.model.SitPreset;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options of {@code bench} that name a network and what to measure of it. */
final class BenchNetworkOptions {
    private static final String DEFAULT_PRESET = "SiT-Ti/2";
    private static final int DEFAULT_IMAGE_SIZE = 32;
    private static final int DEFAULT_CHANNELS = 1;
    private static final int DEFAULT_MEDIATORS = 16;
    private static final int MAX_BATCH = 65536;
    private static final int CLASSES = 10; // a table that is looked up, at no cost

    @Option(
            names = "--measure",
            paramLabel = "LIST",
            description = "Which of forward, guided (a pair with and without class, for each sample), step (of the"
                    + " sampler: Euler-Maruyama, one evaluation and its noise), image (a batch of whole images"
                    + " or latents) and training. Default: ${DEFAULT-VALUE}.")
    private String measure = "forward,training";

    @Option(names = "--batch", paramLabel = "N", description = "Samples at a time. Default: ${DEFAULT-VALUE}.")
    private int batch = 64;

    @Option(names = "--preset", paramLabel = "NAME", description = "Default: " + DEFAULT_PRESET + ".")
    private @Nullable String preset;

    @Option(
            names = "--image-size",
            paramLabel = "N",
            description =
                    "Side of a preset's input (of the latent, for latent models). Default: " + DEFAULT_IMAGE_SIZE + ".")
    private @Nullable Integer imageSize;

    @Option(
            names = "--channels",
            paramLabel = "N",
            description = "Channels of a preset's input. Default: " + DEFAULT_CHANNELS + ".")
    private @Nullable Integer channels;

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A checkpoint, in place of a preset: its network with its weights.")
    private @Nullable Path model;

    @Option(
            names = "--weights",
            paramLabel = "ema|model",
            description = "Which weights of a training's checkpoint. Default: ema.")
    private @Nullable String weights;

    @ArgGroup(validate = false)
    private WeightsPlace place = new WeightsPlace();

    @Option(
            names = "--mediators",
            paramLabel = "N|full",
            description = "What attention goes through. Default: " + DEFAULT_MEDIATORS
                    + "; for a checkpoint its largest count.")
    private @Nullable String mediators;

    @ArgGroup(validate = false)
    private CudaGraphsOption graphs = new CudaGraphsOption();

    /** What these options and those of images ask for. */
    BenchPlan plan(Placement placement, BenchImageOptions images, Console console) throws IOException {
        BenchWorks works = BenchWorks.parse(measure);
        boolean graphed = graphs.isChosenFor(placement.device());
        NetworkSource source = source();
        SitConfig config = source.config();
        MediatorCount count = count(config);
        LabelTraining labels = model == null
                ? LabelTraining.BOTH
                : SitFile.describe(model, stored()).labels();
        Guidance guidance = makesImages() ? images.guidance(labels, console) : images.guidance(labels);
        GenerationSettings settings = images.settings(count, model != null, guidance);
        List<Subject> subjects = new ArrayList<>();
        subjects.add(Linear.ofMlp(config, batch, placement));
        if (!works.inference().isEmpty()) {
            NetworkSource measured = graphed ? new NetworkSource.Graphed(source) : source;
            subjects.add(new Inference(measured, placement, batch, count, settings, works.inference()));
        }
        if (graphed && works.inference().isEmpty()) {
            throw new IllegalArgumentException(
                    "--cuda-graphs is given, but it belongs to passes without gradients, and --measure names none");
        }
        if (works.training()) {
            subjects.add(new Training(config, placement, batch, count));
        }
        return new BenchPlan(
                new BenchPlan.Network(
                        model != null ? null : presetName(),
                        model != null ? model.toString() : null,
                        config.inputSize(),
                        config.inChannels(),
                        count,
                        batch,
                        graphed,
                        works.inference().contains(InferenceWork.IMAGE) ? settings : null),
                subjects);
    }

    /** True if whole images are to be measured. */
    boolean makesImages() {
        return BenchWorks.parse(measure).inference().contains(InferenceWork.IMAGE);
    }

    private NetworkSource source() throws IOException {
        BenchCommand.requireWithin("--batch", batch, MAX_BATCH);
        if (model == null) {
            refuse("--weights", weights, "checkpoints, but --model names none");
            place.refuse("it belongs to checkpoints, and --model names none");
            MediatorCount count =
                    mediators != null ? MediatorCount.parse(mediators) : new MediatorCount(DEFAULT_MEDIATORS);
            return new NetworkSource.Fresh(SitPreset.config(
                    presetName(),
                    imageSize != null ? imageSize : DEFAULT_IMAGE_SIZE,
                    channels != null ? channels : DEFAULT_CHANNELS,
                    CLASSES,
                    false,
                    List.of(count)));
        }
        refuse("--preset", preset, "presets, but --model names a checkpoint");
        refuse("--image-size", imageSize, "presets, but --model names a checkpoint");
        refuse("--channels", channels, "presets, but --model names a checkpoint");
        return new NetworkSource.Stored(
                model, stored(), SitFile.describe(model, stored()).config());
    }

    private Weights stored() {
        return place.of(WeightsOption.parse(weights != null ? weights : "ema"));
    }

    private MediatorCount count(SitConfig config) {
        MediatorCount count = mediators != null ? MediatorCount.parse(mediators) : config.largestMediators();
        if (!config.mediators().contains(count)) {
            throw new IllegalArgumentException(
                    "--mediators is '" + mediators + "', the network serves " + config.mediators());
        }
        return count;
    }

    private String presetName() {
        return preset != null ? preset : DEFAULT_PRESET;
    }

    private static void refuse(String option, @Nullable Object value, String owner) {
        if (value != null) {
            throw new IllegalArgumentException(option + " is " + value + ", but it belongs to " + owner);
        }
    }
}
