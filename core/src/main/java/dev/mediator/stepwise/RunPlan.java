package dev.mediator.stepwise;

import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.transport.Transport;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What a run will do, decided before it starts: its schedule is resolved against sampler and networks, once. Immutable, so that
 * any thread may use it, for any number of runs.
 */
public final class RunPlan {
    private final RunSetup setup;
    private final Schedule requested;
    private final Schedule schedule;

    private RunPlan(RunSetup setup, Schedule requested, Schedule schedule) {
        this.setup = setup;
        this.requested = requested;
        this.schedule = schedule;
    }

    /**
     * Plans a run.
     *
     * @throws IllegalArgumentException if the networks do not serve a count of the schedule, its budget is out of reach, or
     *     the sampler does not go with it
     */
    public static RunPlan of(RunSetup setup, Schedule schedule) {
        return new RunPlan(setup, schedule, schedule.resolve(setup));
    }

    /** Sampler, guidance, transport and costs. */
    public RunSetup setup() {
        return setup;
    }

    /** Equation, solver and steps. */
    public SamplerConfig sampler() {
        return setup.sampler();
    }

    /** How strongly the class is followed, and when. */
    public Guidance guidance() {
        return setup.guidance();
    }

    /** Path and prediction of the networks. */
    public Transport transport() {
        return setup.transport();
    }

    /** What a forward pass costs at each count. */
    public StageCosts costs() {
        return setup.costs();
    }

    /** The schedule that was asked for. */
    public Schedule requested() {
        return requested;
    }

    /** The schedule as it runs: a budget has become a fixed schedule. */
    public Schedule schedule() {
        return schedule;
    }

    /**
     * What one image will cost, exactly or within bounds. The cost of a {@link ThresholdSchedule} depends on the image; its
     * bounds are those of an image which never switches, and of one which switches as soon as the rule can, after the first
     * distance that is not averaged.
     *
     * @throws IllegalArgumentException if the solver decides on its steps as it goes
     */
    public RunCost cost() {
        int[] passes = setup.passes();
        long all = Arrays.stream(passes).asLongStream().sum();
        long largest = all * costs().costliest();
        if (!(schedule instanceof ThresholdSchedule threshold)) {
            FixedSchedule fixed = FixedSwitching.fixed(schedule);
            long macs = IntStream.range(0, passes.length)
                    .mapToLong(step ->
                            passes[step] * costs().of(fixed.counts().get(fixed.stageOfStep(step, passes.length))))
                    .sum();
            return new RunCost(all, macs, macs, largest);
        }
        int earliest = Math.min(passes.length, threshold.earliestSwitch());
        long first = Arrays.stream(passes, 0, earliest).asLongStream().sum();
        long before = first * costs().of(threshold.counts().get(0));
        long least = Long.MAX_VALUE;
        long most = 0;
        for (MediatorCount count : threshold.counts()) {
            // Not always the first and the last: on small grids full attention costs less than many mediators.
            long macs = before + (all - first) * costs().of(count);
            least = Math.min(least, macs);
            most = Math.max(most, macs);
        }
        return new RunCost(all, least, most, largest);
    }

    /**
     * What one image will cost.
     *
     * @param passes forward passes; a guided evaluation is two
     * @param least multiply-adds, at least
     * @param most multiply-adds, at most
     * @param largest multiply-adds if every pass goes through the costliest count
     */
    public record RunCost(long passes, long least, long most, long largest) {
        /** True if every image costs the same. */
        public boolean isExact() {
            return least == most;
        }
    }
}
