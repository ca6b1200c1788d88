package dev.mediator.codec;

import dev.mediator.nn.ParameterSource;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
            long out = config.width(coarsest - block);
            for (int i = 0; i <= config.layersPerBlock(); i++) {
                layers.add(new ResidualBlock(from.at("resnets." + i + "."), width, out, groups));
                width = out;
            }
            if (block < coarsest) {
                layers.add(doubling(from, width));
            }
        }
        layers.add(NormConvolution.of(decoder, "conv_norm_out", "conv_out", width, config.outChannels(), groups));
        return Layer.chain(layers);
    }

    /** Each pixel four times, then a 3×3 convolution. */
    private static Layer doubling(ParameterSource source, long width) {
        Convolution convolution = Convolution.same(source, "upsamplers.0.conv", width, width);
        return (x, strips) -> strips.convolve(x, Decoder::repeated, 2, convolution);
    }

    private static Tensor repeated(Tensor x) {
        return torch.upsample_nearest2d(
                x, new long[] {2 * x.size(2), 2 * x.size(3)}, new DoubleOptional(), new DoubleOptional());
    }
}
