package dev.mediator.codec;

import dev.mediator.nn.ParameterSource;
import java.util.ArrayList;
import java.util.List;

/** From an image to the moments of its latent: {@code encoder.*} and {@code quant_conv}. */
final class Encoder {
    private Encoder() {}

    /** [B, C, H, W] → [B, 2·L, H/f, W/f]: means, then logarithms of variances. */
    static Layer of(ParameterSource source, AutoencoderConfig config) {
        ParameterSource encoder = source.at("encoder.");
        long groups = config.normNumGroups();
        long moments = 2L * config.latentChannels();
        List<Layer> layers = new ArrayList<>();
        layers.add(Convolution.same(encoder, "conv_in", config.inChannels(), config.width(0)));
        long width = config.width(0);
        for (int level = 0; level < config.levels(); level++) {
            ParameterSource block = encoder.at("down_blocks." + level + ".");
            for (int i = 0; i < config.layersPerBlock(); i++) {
                layers.add(new ResidualBlock(block.at("resnets." + i + "."), width, config.width(level), groups));
                width = config.width(level);
            }
            if (level < config.levels() - 1) {
                layers.add(Convolution.halving(block, "downsamplers.0.conv", width));
            }
        }
        layers.addAll(middle(encoder.at("mid_block."), width, groups));
        layers.add(NormConvolution.of(encoder, "conv_norm_out", "conv_out", width, moments, groups));
        layers.add(Convolution.pointwise(source, "quant_conv", moments, moments));
        return Layer.chain(layers);
    }

    /** The layers at the coarsest level, which encoder and decoder have alike. */
    static List<Layer> middle(ParameterSource source, long width, long groups) {
        return List.of(
                new ResidualBlock(source.at("resnets.0."), width, width, groups),
                new SpatialAttention(source.at("attentions.0."), width, groups),
                new ResidualBlock(source.at("resnets.1."), width, width, groups));
    }
}
