package dev.mediator.codec;

import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Shapes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The codec of models that work on pixels: the latent of an image is the image.
 *
 * <p>Any thread may use it, closed or not: it holds nothing.
 */
public final class PixelCodec implements Codec {
    @Override
    public String name() {
        return "pixel";
    }

    @Override
    public String fingerprint() {
        return "";
    }

    @Override
    public long[] latentShape(long... imageShape) {
        if (imageShape.length != 3) {
            throw new IllegalArgumentException(
                    "the shape of an image has " + imageShape.length + " sizes, expected are C, H and W");
        }
        return imageShape.clone();
    }

    @Override
    public long[] imageShape(long... latentShape) {
        return latentShape(latentShape);
    }

    @Override
    public Posterior posterior(Tensor images) {
        return new Posterior(images, torch.zeros_like(images));
    }

    @Override
    public Tensor encode(Tensor images, List<RandomStream> noise) {
        return Shapes.require(images, "the images", noise.size(), Shapes.ANY, Shapes.ANY, Shapes.ANY);
    }

    @Override
    public Tensor decode(Tensor latents) {
        return Shapes.require(latents, "the latents", Shapes.ANY, Shapes.ANY, Shapes.ANY, Shapes.ANY);
    }

    @Override
    public void close() {
        // there are no weights
    }
}
