package dev.mediator.sampling;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.transport.Network;
import dev.mediator.transport.Transport;
import java.util.function.Function;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Turns noise into data with a network. Has no state: one sampler serves any number of runs and threads.
 *
 * <p>The network is asked afresh at every evaluation, so one that changes between steps (a step-wise schedule) fits.
 *
 * @param transport what the network was trained for
 * @param config how to sample
 */
public record Sampler(Transport transport, SamplerConfig config) {
    /**
     * Outcome of one run.
     *
     * @param x the final state [B, C, H, W], owned by the scope in which the run was started
     * @param evaluations network evaluations of the run
     */
    public record Result(Tensor x, long evaluations) {}

    /**
     * Samples one batch, without gradients.
     *
     * @param x0 noise [B, C, H, W]
     * @param y labels [B] int64
     * @param noise what an SDE adds on the way; an ODE asks for none
     * @param observer told of every step
     * @throws SamplingException if a state is not finite or an adaptive solver cannot go on
     */
    public Result run(Network network, Tensor x0, Tensor y, NoiseSource noise, StepObserver observer) {
        return run(network, x0, y, field -> config.integrate(field, x0, noise, observer));
    }

    /**
     * Runs the ODE backwards, from data to the noise that it comes from; see {@link SamplerConfig#reverse}.
     *
     * @param x1 data [B, C, H, W]
     * @param y labels [B] int64
     * @param observer told of every step
     * @throws IllegalArgumentException if this sampler is an SDE, which cannot be run backwards
     */
    public Result reverse(Network network, Tensor x1, Tensor y, StepObserver observer) {
        return run(network, x1, y, field -> config.reverse(field, x1, observer));
    }

    private Result run(Network network, Tensor x, Tensor y, Function<FlowField, Tensor> integrate) {
        Shapes.require(x, "the start", Shapes.ANY, Shapes.ANY, Shapes.ANY, Shapes.ANY);
        Shapes.require(y, "y", x.size(0));
        FlowField field = new FlowField(network, transport, y);
        try (Scope scope = Scope.open();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor result = scope.keep(integrate.apply(field));
            return new Result(result, field.evaluations());
        }
    }
}
