package dev.mediator.codec;

import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

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
        for (int block = 0; block <= coarsest; block++) { // its blocks count from the coarsest level
            ParameterSource from = decoder.at("up_blocks." + block + ".");
            Convolution doubling = block == 0 ? null : doubling(decoder, block - 1, width);
            if (doubling != null && block < coarsest) {
                layers.add(doubled(doubling));
                doubling = null; // only that of the largest map is left to the block
            }
            long out = config.width(coarsest - block);
            for (int i = 0; i <= config.layersPerBlock(); i++) {
                ParameterSource residual = from.at("resnets." + i + ".");
                layers.add(new ResidualBlock(residual, width, out, groups, i == 0 ? doubling : null));
                width = out;
            }
        }
        layers.add(NormConvolution.of(decoder, "conv_norm_out", "conv_out", width, config.outChannels(), groups));
        return Layer.chain(layers);
    }

    private static Convolution doubling(ParameterSource decoder, int block, long width) {
        return Convolution.same(decoder, "up_blocks." + block + ".upsamplers.0.conv", width, width);
    }

    private static Layer doubled(Convolution convolution) {
        return (x, strips) -> Scope.keepResult(() -> {
            Rows.Doubled rows = new Rows.Doubled(x, convolution);
            if (strips.holdWhole(rows.shape())) {
                return rows.whole();
            }
            Tensor out = Strips.empty(rows, x.size(1));
            strips.forEach(rows.shape(), strip -> strip.put(out, rows.part(strip.from(), strip.to())));
            return out;
        });
    }
}
