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

    /**
     * @param x [B, N, D]
     * @param condition SiLU(c) [B, D]
     * @return [B, N, p·p·C_out]
     */
    public Tensor apply(Tensor x, Tensor condition) {
        List<Tensor> parts = Ops.split(modulation.apply(condition).unsqueeze(1), 2, 2); // shift, scale [B, 1, D]
        return linear.apply(Modulation.modulate(Ops.layerNorm(x), parts.get(0), parts.get(1)));
    }
}
