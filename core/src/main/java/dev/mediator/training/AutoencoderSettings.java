package dev.mediator.training;

import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.data.ImageShape;
import java.util.List;

/**
 * The autoencoder to train. Channels and size of its images come from the data, its scaling factor from the latents that it
 * makes in the end.
 *
 * @param latentChannels see {@link AutoencoderConfig}
 * @param blockOutChannels see {@link AutoencoderConfig}
 * @param layersPerBlock see {@link AutoencoderConfig}
 * @param normNumGroups see {@link AutoencoderConfig}
 */
public record AutoencoderSettings(
        int latentChannels, List<Integer> blockOutChannels, int layersPerBlock, int normNumGroups) {
    /** Small enough for minutes on a CPU: latents of half the side. */
    public static final AutoencoderSettings DEFAULT = new AutoencoderSettings(4, List.of(32, 64), 1, 8);

    public AutoencoderSettings {
        blockOutChannels = List.copyOf(blockOutChannels);
    }

    /** The network for images of this shape. */
    AutoencoderConfig resolve(ImageShape images) {
        AutoencoderConfig config = new AutoencoderConfig(
                images.channels(),
                images.channels(),
                latentChannels,
                blockOutChannels,
                layersPerBlock,
                normNumGroups,
                images.height(),
                1);
        if (images.height() % config.factor() != 0) {
            throw new IllegalArgumentException("data.imageSize is " + images.height() + ", allowed for "
                    + config.levels() + " levels are multiples of " + config.factor());
        }
        return config;
    }
}
