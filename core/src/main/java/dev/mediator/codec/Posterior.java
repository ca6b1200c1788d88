package dev.mediator.codec;

import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What an encoder knows of the latents of images: independent normal distributions.
 *
 * @param mean [B, C', H', W']
 * @param std standard deviations, [B, C', H', W']
 */
public record Posterior(Tensor mean, Tensor std) {
    public Posterior {
        Shapes.require(std, "the standard deviations", Shapes.of(mean));
    }

    /**
     * Latents drawn from it.
     *
     * @param noise one stream per image
     * @return [B, C', H', W']
     */
    public Tensor draw(List<RandomStream> noise) {
        long[] shape = Shapes.of(mean);
        Shapes.require(mean, "the means", noise.size(), Shapes.ANY, Shapes.ANY, Shapes.ANY);
        float[] values = new float[Shapes.arrayLength(shape)];
        int each = (int) (values.length / shape[0]);
        for (int i = 0; i < noise.size(); i++) {
            System.arraycopy(noise.get(i).normals(0, each), 0, values, i * each, each);
        }
        return Ops.addProduct(mean, std, Tensors.like(Tensors.of(values, shape), mean));
    }

    /** How far it is from N(0, 1): the Kullback-Leibler divergence, its mean over all values, a scalar tensor. */
    public Tensor divergence() {
        Tensor each = mean.square().add(std.square()).sub(Ops.mul(std.log(), 2)); // μ² + σ² − log σ²
        return Ops.mul(Ops.add(each.mean(), -1), 0.5);
    }

    /** The distribution of the latents times a factor. */
    public Posterior scaled(double factor) {
        return new Posterior(Ops.mul(mean, factor), Ops.mul(std, factor));
    }

    /** Means, then standard deviations: [B, 2·C', H', W']. */
    public Tensor stacked() {
        return Ops.cat(1, mean, std);
    }

    /** The inverse of {@link #stacked}. */
    public static Posterior ofStacked(Tensor stacked) {
        List<Tensor> parts = Ops.split(stacked, 2, 1);
        return new Posterior(parts.get(0), parts.get(1));
    }
}
