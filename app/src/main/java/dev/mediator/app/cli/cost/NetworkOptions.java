package dev.mediator.app.cli.cost;

import dev.mediator.app.cli.option.MediatorsList;
import dev.mediator.app.cli.option.WeightsPlace;
import dev.mediator.checkpoint.Weights;
import dev.mediator.generation.CheckpointTransport;
import dev.mediator.model.LabelTraining;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitFile;
import dev.mediator.model.SitPreset;
import dev.mediator.nn.MediatorCount;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that name a network which need not exist: a preset with its sizes, or the shape of a checkpoint. */
final class NetworkOptions {
    private static final String DEFAULT_PRESET = "SiT-S/2";
    private static final int DEFAULT_IMAGE_SIZE = 256;
    private static final int DEFAULT_LATENT_FACTOR = 8;
    private static final int DEFAULT_CHANNELS = 4;
    private static final int DEFAULT_CLASSES = 1000;
    private static final String DEFAULT_MEDIATORS = "64";
    private static final int MAX_FACTOR = 1024;

    @Option(names = "--preset", paramLabel = "NAME", description = "Default: " + DEFAULT_PRESET + ".")
    private @Nullable String preset;

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A checkpoint, in place of a preset: its network, with all counts that it serves.")
    private @Nullable Path model;

    @Mixin
    private WeightsPlace place = new WeightsPlace();

    @Option(
            names = "--image-size",
            paramLabel = "N",
            description = "Side of the images. Default: " + DEFAULT_IMAGE_SIZE + "; for a checkpoint its own.")
    private @Nullable Integer imageSize;

    @Option(
            names = "--latent-factor",
            paramLabel = "N",
            description = "Image side ÷ side of the latent that the network sees; 1 for networks on pixels. Default: "
                    + DEFAULT_LATENT_FACTOR + "; for a checkpoint 1.")
    private @Nullable Integer latentFactor;

    @Option(
            names = "--channels",
            paramLabel = "N",
            description = "Channels of the latent or image. Default: " + DEFAULT_CHANNELS + ".")
    private @Nullable Integer channels;

    @Option(names = "--classes", paramLabel = "N", description = "Default: " + DEFAULT_CLASSES + ".")
    private @Nullable Integer classes;

    @Option(
            names = "--learn-sigma",
            negatable = true,
            fallbackValue = "true",
            description = "Twice the output channels, as published checkpoints have them. Default: --learn-sigma.")
    private @Nullable Boolean learnSigma;

    @Option(
            names = "--mediators",
            paramLabel = "LIST",
            description = "What attention goes through: counts, or full, with commas between. Default: "
                    + DEFAULT_MEDIATORS + ", or those of the schedule; for a checkpoint all that it serves.")
    private @Nullable String mediators;

    @Option(
            names = "--elastic",
            description =
                    "One network of shared weights serves all of --mediators; else each has a network of its own.")
    private boolean elastic;

    @Option(
            names = "--mediator-blocks",
            paramLabel = "N",
            split = ",",
            description =
                    "Blocks that have mediators, counted from 0; the others have full attention." + " Default: all.")
    private @Nullable List<Integer> mediatorBlocks;

    /**
     * What a forward pass costs depends on these two.
     *
     * @param config the network
     * @param mediators one of its choices
     */
    record Network(SitConfig config, MediatorCount mediators) {}

    /** The preset's name, null for a checkpoint. */
    @Nullable
    String preset() {
        return model != null ? null : preset != null ? preset : DEFAULT_PRESET;
    }

    /** The checkpoint, null for a preset. */
    @Nullable
    Path model() {
        return model;
    }

    /** Image side ÷ side of the network's input. */
    int latentFactor() {
        int factor = latentFactor != null ? latentFactor : model != null ? 1 : DEFAULT_LATENT_FACTOR;
        return within("--latent-factor", factor, MAX_FACTOR);
    }

    /**
     * The networks that were asked for, one per mediator count.
     *
     * @param needed the counts that a preset is to have if none are named; empty for the default
     * @throws IllegalArgumentException if an option is wrong or does not go with the others
     * @throws IOException if the checkpoint cannot be read
     */
    List<Network> networks(List<MediatorCount> needed) throws IOException {
        if (model != null) {
            return ofCheckpoint(model);
        }
        place.refuse("it belongs to checkpoints, and --model names none");
        List<MediatorCount> counts = mediators == null && !needed.isEmpty()
                ? needed.stream().distinct().toList()
                : MediatorsList.parse(mediators != null ? mediators : DEFAULT_MEDIATORS);
        if (elastic) {
            SitConfig all = ofPreset(counts);
            return counts.stream().map(count -> new Network(all, count)).toList();
        }
        return counts.stream()
                .map(count -> new Network(ofPreset(List.of(count)), count))
                .toList();
    }

    private SitConfig ofPreset(List<MediatorCount> counts) {
        SitConfig config = SitPreset.config(
                preset != null ? preset : DEFAULT_PRESET,
                inputSize(imageSize != null ? imageSize : DEFAULT_IMAGE_SIZE),
                within("--channels", channels != null ? channels : DEFAULT_CHANNELS, Integer.MAX_VALUE / 2),
                within("--classes", classes != null ? classes : DEFAULT_CLASSES, Integer.MAX_VALUE),
                learnSigma == null || learnSigma,
                counts);
        return mediatorBlocks == null ? config : config.withMediatorBlocks(mediatorBlocks);
    }

    private List<Network> ofCheckpoint(Path file) throws IOException {
        refuse("--preset", preset);
        refuse("--channels", channels);
        refuse("--classes", classes);
        refuse(Boolean.FALSE.equals(learnSigma) ? "--no-learn-sigma" : "--learn-sigma", learnSigma);
        refuse("--mediator-blocks", mediatorBlocks);
        refuse("--elastic", elastic ? true : null);
        SitConfig stored = describe(file).config();
        SitConfig config = imageSize == null ? stored : stored.withInputSize(inputSize(imageSize));
        List<MediatorCount> counts = mediators == null ? config.mediators() : MediatorsList.parse(mediators);
        return counts.stream().map(count -> new Network(config, count)).toList();
    }

    /**
     * What the network predicts on which path, as far as it is known: velocity on the linear path, unless a checkpoint says
     * something else.
     *
     * @throws IOException if the checkpoint cannot be read
     */
    Transport transport() throws IOException {
        return model == null ? Transport.LINEAR_VELOCITY : CheckpointTransport.of(describe(model), model);
    }

    /**
     * What the network has learned of its labels, as far as it is known.
     *
     * @throws IOException if the checkpoint cannot be read
     */
    LabelTraining labels() throws IOException {
        return model == null ? LabelTraining.BOTH : describe(model).labels();
    }

    private SitCheckpoint describe(Path file) throws IOException {
        return SitFile.describe(file, place.of(Weights.EMA));
    }

    private int inputSize(int image) {
        within("--image-size", image, Integer.MAX_VALUE);
        if (image % latentFactor() != 0) {
            throw new IllegalArgumentException(
                    "--image-size is " + image + ", allowed are multiples of the latent factor " + latentFactor());
        }
        return image / latentFactor();
    }

    private static int within(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", allowed are 1 to " + most);
        }
        return value;
    }

    private static void refuse(String option, @Nullable Object value) {
        if (value != null) {
            throw new IllegalArgumentException(option + " belongs to presets, but --model names a checkpoint");
        }
    }
}
