package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Linear, tanh-GELU, Linear. */
public final class Mlp {
    private final Linear fc1;
    private final Linear fc2;

    public Mlp(ParameterSource source, int width, int hidden) {
        fc1 = Linear.of(source, "fc1", Init.XAVIER_UNIFORM, width, hidden);
        fc2 = Linear.of(source, "fc2", Init.XAVIER_UNIFORM, hidden, width);
    }

    /** [B, N, D] → [B, N, D]. */
    public Tensor apply(Tensor x) {
        return fc2.apply(Ops.linearGeluTanh(x, fc1.weight(), fc1.bias()));
    }
}
