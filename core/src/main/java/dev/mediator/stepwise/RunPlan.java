package dev.mediator.stepwise;

import dev.mediator.model.Guidance;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.transport.Transport;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a run does and costs, before it is made: what a schedule is resolved against.
 *
 * @param sampler equation, solver and steps
 * @param guidance how strongly the class is followed, and when
 * @param transport path and prediction of the networks
 * @param costs what a forward pass costs at each count
 */
public record RunPlan(SamplerConfig sampler, Guidance guidance, Transport transport, StageCosts costs) {
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

    /**
     * Multiply-adds of one image through a schedule; exactly what the run then counts.
     *
     * @throws IllegalArgumentException if they are not known beforehand, or the schedule cannot be resolved
     */
    public long macs(Schedule schedule) {
        Schedule resolved = schedule.resolve(this);
        if (resolved instanceof ThresholdSchedule) {
            throw new IllegalArgumentException("the schedule is " + schedule
                    + ", whose cost depends on the sample; allowed here are static, fixed and budget schedules");
        }
        FixedSchedule fixed = FixedSwitching.fixed(resolved);
        int[] passes = passes();
        return IntStream.range(0, passes.length)
                .mapToLong(step -> passes[step] * costs.of(fixed.counts().get(fixed.stageOfStep(step, passes.length))))
                .sum();
    }

    /** Multiply-adds of one image when every step goes through the costliest count. */
    public long macsFull() {
        return Arrays.stream(passes()).asLongStream().sum() * costs.costliest();
    }
}
