package dev.mediator.nn;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Embeds the time t ∈ [0, 1] (not scaled by 1000): sine-cosine features, then Linear-SiLU-Linear. */
public final class TimeEmbedding {
    /** Width of the sine-cosine features. */
    public static final int FEATURES = 256;

    private final Linear in;
    private final Linear out;

    public TimeEmbedding(ParameterSource source, int width) {
        in = Linear.of(source, "t_embedder.mlp.0", Init.NORMAL, FEATURES, width);
        out = Linear.of(source, "t_embedder.mlp.2", Init.NORMAL, width, width);
    }

    /** [B] fp32, anywhere → [B, D]. */
    public Tensor apply(Tensor t) {
        Tensor f = Tensors.like(features(t, FEATURES), in.bias());
        return out.apply(torch.silu(in.apply(f)));
    }

    /**
     * [cos(t·ω), sin(t·ω)] with ω_i = 10000^(−i/⌊d/2⌋), in fp32; an odd d ends with a zero.
     *
     * @param t [B] fp32
     * @param d number of features
     * @return [B, d]
     */
    public static Tensor features(Tensor t, int d) {
        int half = d / 2;
        float[] omega = new float[half];
        for (int i = 0; i < half; i++) {
            omega[i] = (float) Math.exp(-Math.log(10000) * i / half);
        }
        Tensor angle = t.unsqueeze(1).mul(ComputeDevice.of(t).put(Tensors.of(omega, 1, half))); // [B, half]
        Tensor f = Ops.cat(1, angle.cos(), angle.sin());
        return d % 2 == 0 ? f : Ops.cat(1, f, torch.zeros_like(f.narrow(1, 0, 1)));
    }
}
