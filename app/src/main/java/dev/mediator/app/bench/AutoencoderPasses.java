package dev.mediator.app.bench;

import dev.mediator.codec.Autoencoder;
import dev.mediator.codec.AutoencoderCodec;
import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How an autoencoder of fresh weights encodes and decodes, one picture at a time.
 *
 * @param config its shape
 * @param placement where and in what it computes
 * @param encode sides of the pictures to encode: to the means of their latents
 * @param decode sides of the pictures to decode
 */
public record AutoencoderPasses(
        AutoencoderConfig config, Placement placement, List<Integer> encode, List<Integer> decode) implements Subject {
    /** Copies the lists. */
    public AutoencoderPasses {
        encode = List.copyOf(encode);
        decode = List.copyOf(decode);
    }

    @Override
    public int works() {
        return encode.size() + decode.size();
    }

    @Override
    public void measure(Meter meter) {
        FreshParameters fresh = new FreshParameters(0);
        ParameterSource source = (name, init, shape) -> {
            Tensor tensor = placement.put(fresh.get(name, init, shape));
            return shape.length == 4 ? tensor.contiguous(torch.MemoryFormat.ChannelsLast) : tensor;
        };
        try (AutoencoderCodec codec = new AutoencoderCodec(new Autoencoder(config, source), "fresh")) {
            encode.forEach(size -> encode(codec, size, meter));
            decode.forEach(size -> decode(codec, size, meter));
        }
    }

    private void encode(AutoencoderCodec codec, int size, Meter meter) {
        try (Scope scope = Scope.open()) {
            Tensor image = new RandomStream(0, 0).normalTensor(0, 1, config.inChannels(), size, size);
            meter.measure(Work.making(
                    1, title("encode", size), () -> codec.posterior(image).mean()));
        }
    }

    private void decode(AutoencoderCodec codec, int size, Meter meter) {
        try (Scope scope = Scope.open()) {
            int side = size / config.factor();
            Tensor latent = new RandomStream(0, 0).normalTensor(0, 1, config.latentChannels(), side, side);
            meter.measure(Work.making(1, title("decode", size), () -> codec.decode(latent)));
        }
    }

    private static String title(String what, int size) {
        return what + " " + size + "×" + size;
    }
}
