package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Shapes;
import org.bytedeco.pytorch.Tensor;

/** Cuts an image into p×p patches and embeds each: {@code x_embedder.proj}, a convolution with stride p. */
public final class PatchEmbedding {
    private final int patch;
    private final int channels;
    private final int width;
    private final Tensor weight; // [D, C, p, p]
    private final Tensor bias; // [D]

    public PatchEmbedding(ParameterSource source, int patch, int channels, int width) {
        this.patch = patch;
        this.channels = channels;
        this.width = width;
        this.weight = source.get("x_embedder.proj.weight", Init.XAVIER_UNIFORM, width, channels, patch, patch);
        this.bias = source.get("x_embedder.proj.bias", Init.ZERO, width);
    }

    /** The kernel, [D, C, p, p]. */
    public Tensor weight() {
        return weight;
    }

    /** [B, C, H, W] → [B, N, D], tokens in row-major order. */
    public Tensor apply(Tensor x) {
        Shapes.require(x, "the network's input", Shapes.ANY, channels, Shapes.ANY, Shapes.ANY);
        long h = x.size(2) / patch;
        long w = x.size(3) / patch;
        Tensor patches = x.view(x.size(0), channels, h, patch, w, patch)
                .permute(0, 2, 4, 1, 3, 5)
                .reshape(x.size(0), h * w, (long) channels * patch * patch); // [B, N, C·p·p]
        return Ops.linear(patches, weight.view(width, (long) channels * patch * patch), bias);
    }
}
