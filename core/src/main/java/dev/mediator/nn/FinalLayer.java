package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Last normalisation, modulated, and the projection of each token to its patch. */
public final class FinalLayer {
    private final Linear modulation;
    private final Linear linear;

    /** @param outputs p·p·C_out */
    public FinalLayer(ParameterSource source, int width, int outputs) {
        modulation = Linear.of(source, "final_layer.adaLN_modulation.1", Init.ZERO, width, 2L * width);
        linear = Linear.of(source, "final_layer.linear", Init.ZERO, width, outputs);
    }

    /** What the condition SiLU(c) [B, D] makes of the layer: shift and scale, [B, 2·D]. */
    public Tensor modulation(Tensor condition) {
        return modulation.apply(condition);
    }

    /**
     * @param x [B, N, D]
     * @param parts of {@link #modulation}, [B, 2·D]
     * @return [B, N, p·p·C_out]
     */
    public Tensor apply(Tensor x, Tensor parts) {
        List<Tensor> p = Ops.split(parts.unsqueeze(1), 2, 2); // shift, scale [B, 1, D]
        return linear.apply(Modulation.modulate(Ops.layerNorm(x), p.get(0), p.get(1)));
    }
}
