package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import java.util.List;

/**
 * One count for all steps: {@code static:16}.
 *
 * @param mediators the count
 */
public record StaticSchedule(MediatorCount mediators) implements Schedule {
    /** Refuses a missing count, as JSON may have. */
    public StaticSchedule {
        ScheduleText.requirePresent(mediators, "mediators");
    }

    @Override
    public List<MediatorCount> counts() {
        return List.of(mediators);
    }

    @Override
    public StaticSchedule resolve(RunSetup setup) {
        setup.costs().requireServed(counts());
        return this;
    }

    /** The same as a fixed schedule of one stage. */
    FixedSchedule asFixed() {
        return new FixedSchedule(counts(), List.of());
    }

    @Override
    public String toString() {
        return "static:" + mediators;
    }
}
