package dev.mediator.codec;

import dev.mediator.nn.ParameterSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From a latent to its image: {@code post_quant_conv} and {@code decoder.*}. */
final class Decoder {
    private Decoder() {}

    /** [B, L, H/f, W/f] → [B, C, H, W]. */
    static Layer of(ParameterSource source, AutoencoderConfig config) {
        ParameterSource decoder = source.at("decoder.");
        long groups = config.normNumGroups();
        long latent = config.latentChannels();
        int coarsest = config.levels() - 1;
        long width = config.width(coarsest);
        List<Layer> layers = new ArrayList<>();
        layers.add(Convolution.pointwise(source, "post_quant_conv", latent, latent));
        layers.add(Convolution.same(decoder, "conv_in", latent, width));
        layers.addAll(Encoder.middle(decoder.at("mid_block."), width, groups));
        @Nullable Convolution doubling = null; // of the block before, done by the first layer of the next
        for (int block = 0; block <= coarsest; block++) { // its blocks count from the coarsest level
            ParameterSource from = decoder.at("up_blocks." + block + ".");
            long out = config.width(coarsest - block);
            for (int i = 0; i <= config.layersPerBlock(); i++) {
                ParameterSource residual = from.at("resnets." + i + ".");
                layers.add(new ResidualBlock(residual, width, out, groups, i == 0 ? doubling : null));
                width = out;
            }
            doubling = block < coarsest ? Convolution.same(from, "upsamplers.0.conv", width, width) : null;
        }
        layers.add(NormConvolution.of(decoder, "conv_norm_out", "conv_out", width, config.outChannels(), groups));
        return Layer.chain(layers);
    }
}
