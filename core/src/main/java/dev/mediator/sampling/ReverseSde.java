package dev.mediator.sampling;

import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.Tensor;

/**
 * The SDE from noise to data, dx = [v + w(t)·s] dt + √(2w(t)) dW: velocity and score come from one network evaluation.
 *
 * @param field the network
 * @param form shape of the diffusion over time
 * @param norm size of the diffusion
 */
public record ReverseSde(FlowField field, DiffusionForm form, double norm) implements SdeFunction {
    @Override
    public Tensor drift(PerSample t, Tensor x) {
        Estimate estimate = field.estimate(t, x);
        return estimate.velocity().add(t.map(this::diffusion).scale(estimate.score()));
    }

    @Override
    public double diffusion(double t) {
        return form.diffusion(field.transport().path(), norm, t);
    }
}
