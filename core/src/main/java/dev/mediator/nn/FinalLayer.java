package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Last normalisation, modulated, and the projection of each token to its patch. */
public final class FinalLayer {
    private final int width;
    private final Linear modulation;
    private final Linear linear;

    /** @param outputs p·p·C_out */
    public FinalLayer(ParameterSource source, int width, int outputs) {
        this.width = width;
        modulation = Linear.of(source, "final_layer.adaLN_modulation.1", Init.ZERO, width, 2L * width);
        linear = Linear.of(source, "final_layer.linear", Init.ZERO, width, outputs);
    }

    /**
     * @param x [B, N, D]
     * @param condition SiLU(c) [B, D]
     * @return [B, N, p·p·C_out]
     */
    public Tensor apply(Tensor x, Tensor condition) {
        Tensor parts = modulation.apply(condition); // [B, 2·D]
        Tensor shift = Modulation.part(parts, 0, width);
        Tensor scale = Modulation.part(parts, 1, width);
        return linear.apply(Modulation.modulate(Ops.layerNorm(x), shift, scale));
    }
}
