package dev.mediator.nn;

import dev.mediator.tensor.Gradients;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.OpsGradient;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * x·Wᵀ + b over the last axis.
 *
 * @param weight [out, in], plain or packed
 * @param bias [out]
 */
public record Linear(Tensor weight, Tensor bias) {
    /** Takes {@code name.weight} and {@code name.bias}. */
    public static Linear of(ParameterSource source, String name, Init init, long in, long out) {
        return new Linear(
                source.linearWeight(name + ".weight", init, out, in), source.get(name + ".bias", Init.ZERO, out));
    }

    /** [..., in] → [..., out]. */
    public Tensor apply(Tensor x) {
        return Ops.linear(x, weight, bias);
    }

    /**
     * The backward pass: dx = dy·W. Those of weight and bias are dW = dyᵀ·x and db = Σ dy over all rows.
     *
     * @param dy [B, N, out]
     * @param x [B, N, in], what the layer was applied to
     * @return [B, N, in]
     */
    Tensor backward(Tensor dy, Tensor x, Gradients gradients) {
        OpsGradient.OfProduct d = OpsGradient.linear(dy, x, weight, gradients.needs(weight));
        d.putParameters(weight, bias, gradients);
        return d.x();
    }

    List<Tensor> parameters() {
        return List.of(weight, bias);
    }
}
