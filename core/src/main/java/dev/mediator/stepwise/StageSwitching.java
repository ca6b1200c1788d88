package dev.mediator.stepwise;

import dev.mediator.sampling.SamplerStep;
import java.util.List;

/** Decides during one run which stage serves each sample. */
interface StageSwitching extends AutoCloseable {
    /** Moves samples to their first stage. */
    void start(List<SampleProgress> samples);

    /** Moves samples on after a step; the step is counted already. */
    void onStep(SamplerStep step, List<SampleProgress> samples);

    @Override
    void close();

    /** The rule of a plan's schedule. */
    static StageSwitching of(RunPlan plan) {
        return plan.schedule() instanceof ThresholdSchedule threshold
                ? new ThresholdSwitching(threshold)
                : new FixedSwitching(FixedSwitching.fixed(plan.schedule()), plan);
    }
}
