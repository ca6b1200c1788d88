package dev.mediator.sampling;

import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Tensor;

/** How noise is turned into data: which equation, solver and steps. */
public sealed interface SamplerConfig permits OdeConfig, SdeConfig {
    /** Times that the steps run through. */
    TimeInterval interval(Transport transport);

    /** Steps of a run, the last step included; empty if the solver decides as it goes. */
    OptionalInt plannedSteps();

    /** Network evaluations of a run; empty if the solver decides as it goes. */
    OptionalLong plannedEvaluations();

    /**
     * Times at which each planned step evaluates the network, the last step included; empty if the solver decides as it
     * goes.
     */
    Optional<List<double[]>> evaluationTimes(Transport transport);

    /** All settings in one line, for reports and messages. */
    String summary();

    /**
     * Integrates from noise to data. {@link Sampler} does this without recording gradients and with all shapes checked.
     *
     * @param x0 noise [B, C, H, W]
     * @param noise what an SDE adds on the way
     * @return data [B, C, H, W], owned by the innermost open scope
     */
    Tensor integrate(FlowField field, Tensor x0, NoiseSource noise, StepObserver observer);
}
