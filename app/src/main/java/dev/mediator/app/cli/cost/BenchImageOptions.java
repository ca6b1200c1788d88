package dev.mediator.app.cli.cost;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.option.SamplerOptions;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.model.Guidance;
import dev.mediator.model.LabelTraining;
import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options of {@code bench} that decide how whole images are made: those of {@code sample}. */
final class BenchImageOptions {
    @Option(
            names = "--schedule",
            paramLabel = "TEXT|FILE.json",
            description =
                    "Which mediator count of a checkpoint serves which step, as 'sample' takes it. Default: static"
                            + " at --mediators.")
    private @Nullable String schedule;

    @ArgGroup(validate = false)
    private SamplerOptions sampler = new SamplerOptions();

    /**
     * How images are made.
     *
     * @param count what serves all steps if there is no schedule
     * @param schedulable whether the network may have a schedule
     * @param guidance how strongly the class is followed
     */
    GenerationSettings settings(MediatorCount count, boolean schedulable, Guidance guidance) throws IOException {
        if (schedule != null && !schedulable) {
            throw new IllegalArgumentException("--schedule is '" + schedule
                    + "', but it belongs to checkpoints (--model FILE): a preset has one mediator count");
        }
        Schedule chosen = schedule == null
                ? new StaticSchedule(count)
                : Schedule.parseOrRead(schedule, sampler.config(), guidance);
        return new GenerationSettings(sampler.config(), guidance, chosen);
    }

    /** How strongly the class is followed by a network that has learned this. */
    Guidance guidance(LabelTraining labels) {
        return sampler.guidance(labels);
    }

    /** The same, telling what is to be known of it. */
    Guidance guidance(LabelTraining labels, Console console) {
        return sampler.guidance(labels, console);
    }
}
