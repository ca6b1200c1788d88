package dev.mediator.sampling;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** How noise is turned into data: which equation, solver and steps. */
public sealed interface SamplerConfig permits OdeConfig, SdeConfig {
    /** K points make K − 1 equal steps before the last step; solvers that choose their own steps ignore it. */
    int points();

    /** How the last stretch to t = 1 is covered. */
    LastStep lastStep();

    /** True if the solver chooses its own steps, so that their number and cost depend on the network. */
    @JsonIgnore
    boolean isAdaptive();

    /** True if noise is added during the run, so that another number of steps gets other noise. */
    @JsonIgnore
    boolean isStochastic();

    /** Times at which a step from {@code t} to t + dt evaluates the network. */
    double[] stageTimes(double t, double dt);

    /** Times that the steps run through. */
    TimeInterval interval(Transport transport);

    /** Steps of a run, the last step included; empty if the solver decides as it goes. */
    default OptionalInt plannedSteps() {
        return isAdaptive()
                ? OptionalInt.empty()
                : OptionalInt.of(points() - 1 + lastStep().evaluations());
    }

    /** Network evaluations of a run; empty if the solver decides as it goes. */
    default OptionalLong plannedEvaluations() {
        return isAdaptive()
                ? OptionalLong.empty()
                : OptionalLong.of(
                        (points() - 1L) * stageTimes(0, 1).length + lastStep().evaluations());
    }

    /**
     * Times at which each planned step evaluates the network, the last step included; empty if the solver decides as it
     * goes.
     */
    default Optional<List<double[]>> evaluationTimes(Transport transport) {
        if (isAdaptive()) {
            return Optional.empty();
        }
        TimeGrid grid = new TimeGrid(interval(transport), points());
        return Optional.of(Stream.concat(
                        IntStream.range(0, grid.steps()).mapToObj(i -> stageTimes(grid.time(i), grid.dt(i))),
                        Stream.generate(() -> new double[] {grid.interval().end()})
                                .limit(lastStep().evaluations()))
                .toList());
    }

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

    /**
     * Integrates from data to noise. It starts at t = 1, where the data are, and evaluates the network there; a last step to
     * t = 1 has no place in it.
     *
     * @param x1 data [B, C, H, W]
     * @return noise [B, C, H, W], owned by the innermost open scope
     * @throws IllegalArgumentException if the equation cannot be run backwards, as an SDE
     */
    Tensor reverse(FlowField field, Tensor x1, StepObserver observer);
}
