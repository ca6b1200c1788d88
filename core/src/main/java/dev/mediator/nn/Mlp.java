package dev.mediator.nn;

import dev.mediator.tensor.CustomGradient;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Saved;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Linear, tanh-GELU, Linear. */
public final class Mlp {
    private final Linear fc1;
    private final Linear fc2;

    public Mlp(ParameterSource source, int width, int hidden) {
        fc1 = Linear.of(source, "fc1", Init.XAVIER_UNIFORM, width, hidden);
        fc2 = Linear.of(source, "fc2", Init.XAVIER_UNIFORM, hidden, width);
    }

    /** [B, N, D] → [B, N, D], without a gradient. */
    public Tensor apply(Tensor x) {
        return fc2.apply(Ops.linearGeluTanh(x, fc1.weight(), fc1.bias()));
    }

    /** The same with its backward pass. */
    public CustomGradient.Result record(Tensor x, Saved saved) {
        Tensor in = saved.keep(x);
        Tensor slope = saved.keep(fc1.apply(in)); // becomes gelu'(fc1(x))
        Tensor hidden = saved.keep(Ops.geluTanhAndSlope(slope)); // gelu(fc1(x)) [B, N, 4·D]
        return new CustomGradient.Result(fc2.apply(hidden), (dOut, gradients) -> {
            Tensor dHidden = fc2.backward(dOut, hidden, gradients);
            return fc1.backward(dHidden.mul_(slope), in, gradients);
        });
    }

    /** All weights and biases. */
    public List<Tensor> parameters() {
        List<Tensor> all = new ArrayList<>(fc1.parameters());
        all.addAll(fc2.parameters());
        return all;
    }
}
