package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What a condition does to a branch (adaLN-zero, DiT): shift and scale of its normalised input, gate of its output.
 *
 * @param shift [B, 1, D]
 * @param scale [B, 1, D]
 * @param gate [B, 1, D]
 */
public record Modulation(Tensor shift, Tensor scale, Tensor gate) {
    /**
     * The six parts that a block's {@code adaLN_modulation} computes: shift, scale, gate of attention, then of the MLP.
     *
     * @param parts [B, 6·D]
     * @return the modulations of attention and MLP
     */
    public static List<Modulation> ofBlock(Tensor parts) {
        List<Tensor> p = Ops.split(parts.unsqueeze(1), 6, 2);
        return List.of(new Modulation(p.get(0), p.get(1), p.get(2)), new Modulation(p.get(3), p.get(4), p.get(5)));
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
