package dev.mediator.stepwise;

import dev.mediator.model.Guidance;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import java.util.Arrays;
import java.util.List;

/**
 * What is known of a run before its schedule: what a schedule is resolved against.
 *
 * @param sampler equation, solver and steps
 * @param guidance how strongly the class is followed, and when
 * @param transport path and prediction of the networks
 * @param costs what a forward pass costs at each count
 */
public record RunSetup(SamplerConfig sampler, Guidance guidance, Transport transport, StageCosts costs) {
    /** Checks that steps remain before the last one. */
    public RunSetup {
        sampler.interval(transport);
    }

    /** The times that steps run through. */
    public TimeInterval interval() {
        return sampler.interval(transport);
    }

    /**
     * Forward passes of one image in each step, the last step included: one per evaluation, two where it is guided.
     *
     * @throws IllegalArgumentException if the solver decides on its steps as it goes
     */
    public int[] passes() {
        List<double[]> times = sampler.evaluationTimes(transport)
                .orElseThrow(() -> new IllegalArgumentException("the sampler is " + sampler.summary()
                        + ", whose cost is only known afterwards; allowed here are solvers of planned steps"));
        return times.stream()
                .mapToInt(step -> Arrays.stream(step)
                        .mapToInt(t -> guidance.isActive((float) t) ? 2 : 1) // a network is told its time in fp32
                        .sum())
                .toArray();
    }
}
