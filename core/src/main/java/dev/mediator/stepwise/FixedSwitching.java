package dev.mediator.stepwise;

import dev.mediator.sampling.SamplerStep;
import dev.mediator.transport.TimeInterval;
import java.util.List;
import java.util.OptionalInt;

/** Stages that end at given fractions of the way. */
final class FixedSwitching implements StageSwitching {
    private final FixedSchedule schedule;
    private final OptionalInt plannedSteps;
    private final TimeInterval interval;

    FixedSwitching(FixedSchedule schedule, RunPlan plan) {
        this.schedule = schedule;
        this.plannedSteps = plan.sampler().plannedSteps();
        this.interval = plan.setup().interval();
    }

    /** A resolved schedule whose stages do not depend on the sample. */
    static FixedSchedule fixed(Schedule resolved) {
        if (resolved instanceof StaticSchedule one) {
            return one.asFixed();
        }
        if (resolved instanceof FixedSchedule fixed) {
            return fixed;
        }
        throw new IllegalArgumentException("the schedule is " + resolved + ", allowed here are static and fixed ones");
    }

    @Override
    public void start(List<SampleProgress> samples) {
        samples.forEach(sample -> sample.enter(stage(0, interval.start())));
    }

    @Override
    public void onStep(SamplerStep step, List<SampleProgress> samples) {
        for (int i = 0; i < samples.size(); i++) {
            SampleProgress sample = samples.get(i);
            sample.enter(stage(sample.steps(), step.t().get(i) + step.dt().get(i)));
        }
    }

    @Override
    public void close() {}

    /** The stage that serves after this many steps, at this time. */
    private int stage(int steps, double t) {
        return plannedSteps.isPresent()
                ? schedule.stageOfStep(steps, plannedSteps.getAsInt())
                : schedule.stageAfter((t - interval.start()) / interval.length());
    }
}
