package dev.mediator.training;

import dev.mediator.data.ImageShape;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitPreset;
import dev.mediator.nn.MediatorCount;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The network to train: a preset, with what differs from it. Size, channels and classes come from the data.
 *
 * @param preset such as {@code SiT-Ti/2}
 * @param depth number of blocks, null for the preset's
 * @param width D, null for the preset's
 * @param heads M, null for the preset's
 * @param learnSigma see {@link SitConfig}
 * @param mediators see {@link SitConfig}
 * @param mediatorBlocks see {@link SitConfig}
 */
public record ModelSettings(
        String preset,
        @Nullable Integer depth,
        @Nullable Integer width,
        @Nullable Integer heads,
        boolean learnSigma,
        List<MediatorCount> mediators,
        @Nullable List<Integer> mediatorBlocks) {
    /** Refuses entries without value, as JSON may have. */
    public ModelSettings {
        requireEntries("mediators", mediators);
        requireEntries("mediatorBlocks", mediatorBlocks);
    }

    private static void requireEntries(String name, @Nullable List<?> values) {
        if (values != null && values.stream().anyMatch(value -> value == null)) {
            throw new IllegalArgumentException("model." + name + " has an entry without value");
        }
    }

    /** The small network for CPUs with 16 mediators. */
    public static final ModelSettings DEFAULT =
            new ModelSettings("SiT-Ti/2", null, null, null, false, List.of(new MediatorCount(16)), null);

    /** The network for images or latents of this shape. */
    public SitConfig resolve(ImageShape shape, int numClasses) {
        if (shape.height() != shape.width()) {
            throw new IllegalArgumentException(
                    "images are " + shape.width() + "×" + shape.height() + ", the network takes squares");
        }
        SitConfig base = SitPreset.config(preset, shape.height(), shape.channels(), numClasses, learnSigma, mediators);
        return new SitConfig(
                base.inputSize(),
                base.patchSize(),
                base.inChannels(),
                width != null ? width : base.width(),
                depth != null ? depth : base.depth(),
                heads != null ? heads : base.heads(),
                base.mlpRatio(),
                numClasses,
                learnSigma,
                mediators,
                mediatorBlocks);
    }
}
