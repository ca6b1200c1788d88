package dev.mediator.codec;

import java.util.List;

/**
 * The shape of an autoencoder, in diffusers' terms. Level 0 has the size of the image, each further level half of the one
 * before; the last has the size of the latent.
 *
 * @param inChannels channels of the images that go in: 1 or 3
 * @param outChannels channels of the images that come out
 * @param latentChannels channels of the latent
 * @param blockOutChannels width of each level, multiples of {@code normNumGroups}
 * @param layersPerBlock residual blocks of a level of the encoder; the decoder's have one more
 * @param normNumGroups groups of channels that are normalised together
 * @param sampleSize side of the images that it was trained on; others can be used
 * @param scalingFactor what latents are multiplied by, so that their variance is about 1
 */
public record AutoencoderConfig(
        int inChannels,
        int outChannels,
        int latentChannels,
        List<Integer> blockOutChannels,
        int layersPerBlock,
        int normNumGroups,
        int sampleSize,
        double scalingFactor) {
    private static final int MAX_LEVELS = 8;

    /** The published {@code sd-vae-ft-mse} and {@code sd-vae-ft-ema}: 84 million parameters, 4 channels, 1/8 of the size. */
    public static final AutoencoderConfig STABLE_DIFFUSION =
            new AutoencoderConfig(3, 3, 4, List.of(128, 256, 512, 512), 2, 32, 256, 0.18215);

    public AutoencoderConfig {
        require(inChannels == 1 || inChannels == 3, "inChannels", inChannels, "1 (grey) or 3 (colour)");
        require(outChannels == inChannels, "outChannels", outChannels, "that of inChannels, " + inChannels);
        require(latentChannels >= 1 && latentChannels <= 1024, "latentChannels", latentChannels, "1 to 1024");
        require(layersPerBlock >= 1 && layersPerBlock <= 64, "layersPerBlock", layersPerBlock, "1 to 64");
        require(normNumGroups >= 1, "normNumGroups", normNumGroups, "at least 1");
        blockOutChannels = List.copyOf(blockOutChannels);
        require(
                !blockOutChannels.isEmpty() && blockOutChannels.size() <= MAX_LEVELS,
                "blockOutChannels",
                blockOutChannels,
                "1 to " + MAX_LEVELS + " widths");
        for (int width : blockOutChannels) {
            require(
                    width >= 1 && width <= 65536 && width % normNumGroups == 0,
                    "blockOutChannels",
                    width,
                    "a multiple of normNumGroups " + normNumGroups);
        }
        require(sampleSize >= 1, "sampleSize", sampleSize, "at least 1");
        require(scalingFactor > 0 && Double.isFinite(scalingFactor), "scalingFactor", scalingFactor, "above 0");
    }

    /** Number of levels. */
    public int levels() {
        return blockOutChannels.size();
    }

    /** How many pixels of an image lie along one side of a latent's: 2^(levels − 1). */
    public int factor() {
        return 1 << (levels() - 1);
    }

    /** Width of a level. */
    int width(int level) {
        return blockOutChannels.get(level);
    }

    /** The same with another factor of the latents. */
    public AutoencoderConfig withScalingFactor(double other) {
        return new AutoencoderConfig(
                inChannels,
                outChannels,
                latentChannels,
                blockOutChannels,
                layersPerBlock,
                normNumGroups,
                sampleSize,
                other);
    }

    private static void require(boolean holds, String field, Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException("autoencoder." + field + " is " + value + ", allowed is " + allowed);
        }
    }
}
