package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * What a condition does to a branch (adaLN-zero, DiT): shift and scale of its normalised input, gate of its output.
 *
 * @param shift [B, 1, D]
 * @param scale [B, 1, D]
 * @param gate [B, 1, D]
 */
public record Modulation(Tensor shift, Tensor scale, Tensor gate) {
    /** The modulation in parts {@code first} to {@code first + 2} of a [B, parts·D] tensor. */
    public static Modulation of(Tensor parts, int first, int width) {
        return new Modulation(part(parts, first, width), part(parts, first + 1, width), part(parts, first + 2, width));
    }

    /** Part {@code index} of a [B, parts·D] tensor as [B, 1, D]. */
    public static Tensor part(Tensor parts, int index, int width) {
        return parts.narrow(1, (long) index * width, width).unsqueeze(1);
    }

    /** norm·(1 + scale) + shift, [B, N, D]. */
    public Tensor modulate(Tensor normalised) {
        return modulate(normalised, shift, scale);
    }

    /** norm·(1 + scale) + shift, [B, N, D]. */
    public static Tensor modulate(Tensor normalised, Tensor shift, Tensor scale) {
        return Ops.addProduct(shift, normalised, Ops.add(scale, 1));
    }

    /** x + gate·branch, [B, N, D]. */
    public Tensor residual(Tensor x, Tensor branch) {
        return Ops.addProduct(x, branch, gate);
    }
}
