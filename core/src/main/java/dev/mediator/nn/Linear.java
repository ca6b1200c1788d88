package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * x·Wᵀ + b over the last axis.
 *
 * @param weight [out, in]
 * @param bias [out]
 */
public record Linear(Tensor weight, Tensor bias) {
    /** Takes {@code name.weight} and {@code name.bias}. */
    public static Linear of(ParameterSource source, String name, Init init, long in, long out) {
        return new Linear(source.get(name + ".weight", init, out, in), source.get(name + ".bias", Init.ZERO, out));
    }

    /** [..., in] → [..., out]. */
    public Tensor apply(Tensor x) {
        return Ops.linear(x, weight, bias);
    }
}
