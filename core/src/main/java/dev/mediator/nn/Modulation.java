package dev.mediator.nn;

import dev.mediator.tensor.CustomGradient;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.OpsGradient;
import dev.mediator.tensor.Saved;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.ScalarTypeOptional;
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

    /** x + gate·branch, [B, N, D], in place of x. */
    public Tensor addTo(Tensor x, Tensor branch) {
        return x.addcmul_(branch, gate);
    }

    /** Shift, scale and gate. */
    public List<Tensor> parts() {
        return List.of(shift, scale, gate);
    }

    /**
     * A whole branch, y = x + gate·f(m) with m = n·(1 + scale) + shift and n = norm(x), and its backward pass.
     *
     * @param x [B, N, D]
     * @param layer f, with its backward pass
     */
    public CustomGradient.Result record(Tensor x, Function<Tensor, CustomGradient.Result> layer, Saved saved) {
        Tensor in = saved.keep(x);
        Ops.Normalised made = Ops.normalise(in);
        Ops.Normalised n =
                new Ops.Normalised(saved.keep(made.value()), saved.keep(made.mean()), saved.keep(made.inverse()));
        Tensor factor = saved.keep(Ops.add(scale, 1));
        Tensor gates = saved.keep(gate);
        CustomGradient.Result branch = layer.apply(Ops.addProduct(shift, n.value(), factor));
        Tensor f = saved.keep(branch.value());
        return new CustomGradient.Result(Ops.addProduct(in, f, gates), (dY, gradients) -> {
            gradients.put(gate, sumOverTokens(dY.mul(f)));
            Tensor dM = branch.backward().apply(dY.mul(gates), gradients);
            gradients.put(shift, sumOverTokens(dM));
            gradients.put(scale, sumOverTokens(dM.mul(n.value())));
            return OpsGradient.normalise(dM.mul_(factor), in, n).add_(dY);
        });
    }

    /** [B, N, D] → [B, 1, D]. */
    private static Tensor sumOverTokens(Tensor x) {
        return x.sum(new long[] {1}, true, new ScalarTypeOptional());
    }
}
