package dev.mediator.app.bench;

import dev.mediator.codec.Codec;
import dev.mediator.codec.Posterior;
import dev.mediator.tensor.Shapes;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Stands for a network's codec where only the network is measured: shows the first channel of what it makes, as a grey
 * picture, at next to no cost.
 *
 * @param channels of what the network works on
 */
record FirstChannel(int channels) implements Codec {
    @Override
    public String name() {
        return "first channel";
    }

    @Override
    public String fingerprint() {
        return "";
    }

    @Override
    public long[] latentShape(long... imageShape) {
        return new long[] {channels, imageShape[1], imageShape[2]};
    }

    @Override
    public long[] imageShape(long... latentShape) {
        return new long[] {1, latentShape[1], latentShape[2]};
    }

    @Override
    public Posterior posterior(Tensor images) {
        Shapes.require(images, "the images", Shapes.ANY, 1, Shapes.ANY, Shapes.ANY);
        Tensor latents = images.expand(images.size(0), channels, images.size(2), images.size(3));
        return new Posterior(latents, torch.zeros_like(latents));
    }

    @Override
    public Tensor decode(Tensor latents) {
        return Shapes.require(latents, "the latents", Shapes.ANY, channels, Shapes.ANY, Shapes.ANY)
                .narrow(1, 0, 1);
    }

    @Override
    public void close() {
        // there are no weights
    }
}
