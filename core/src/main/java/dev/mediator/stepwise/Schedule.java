package dev.mediator.stepwise;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.SamplerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Which mediator count serves which step of a sampling run. {@link Object#toString} gives the text that {@link #parse}
 * reads; as JSON it is an object whose {@code rule} names the variant.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "rule")
@JsonSubTypes({
    @JsonSubTypes.Type(value = StaticSchedule.class, name = "static"),
    @JsonSubTypes.Type(value = FixedSchedule.class, name = "fixed"),
    @JsonSubTypes.Type(value = ThresholdSchedule.class, name = "threshold"),
    @JsonSubTypes.Type(value = BudgetSchedule.class, name = "budget")
})
public sealed interface Schedule permits StaticSchedule, FixedSchedule, ThresholdSchedule, BudgetSchedule {
    /** The counts of its stages, in the order in which they serve; empty for a budget that is not resolved yet. */
    List<MediatorCount> counts();

    /**
     * This schedule, fit for a run: a budget becomes a {@link FixedSchedule}, all others stay as they are.
     *
     * @throws IllegalArgumentException if the run's networks do not serve a count, its budget is out of reach, or its
     *     sampler does not go with the schedule
     */
    Schedule resolve(RunSetup setup);

    /**
     * Reads the short form, such as {@code static:16}, {@code fixed:4@0.4,16@0.8,64}, {@code
     * threshold:4,16,64@0.8,0.6;mae;window=3} or {@code budget:0.7}.
     *
     * @throws IllegalArgumentException if the text is not a schedule
     */
    static Schedule parse(String text) {
        return ScheduleText.parse(text);
    }

    /**
     * Reads the file if the text ends in {@code .json}, see {@link ScheduleFile}, else the text itself.
     *
     * @throws IllegalArgumentException if it is not a schedule, or has a stage that can never serve
     */
    static Schedule parseOrRead(String text) throws IOException {
        Schedule schedule = text.strip().endsWith(".json")
                ? ScheduleFile.read(Path.of(text.strip())).schedule()
                : parse(text);
        if (schedule instanceof ThresholdSchedule rule) {
            rule.requireFalling();
        }
        return schedule;
    }

    /**
     * The same for a way of sampling.
     *
     * @throws IllegalArgumentException if it is a file whose schedule was made for another
     */
    static Schedule parseOrRead(String text, SamplerConfig sampler, Guidance guidance) throws IOException {
        if (text.strip().endsWith(".json")) {
            ScheduleFile.read(Path.of(text.strip())).requireFits(sampler, guidance);
        }
        return parseOrRead(text);
    }
}
