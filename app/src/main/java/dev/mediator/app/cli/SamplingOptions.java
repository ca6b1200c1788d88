package dev.mediator.app.cli;

import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that decide how noise becomes a picture. */
final class SamplingOptions {
    @Mixin
    private SamplerOptions sampler;

    @Option(
            names = "--mediators",
            paramLabel = "N|full",
            description =
                    "What attention goes through, for models that serve several. Default: the model's largest count.")
    private @Nullable String mediators;

    @Option(
            names = "--schedule",
            paramLabel = "TEXT|FILE.json",
            description =
                    "Which mediator count serves which step: static:N, fixed:…, threshold:… or budget:B, see below;"
                            + " or a file that holds a schedule. Default: static.")
    private @Nullable String schedule;

    /** The settings for a generator's network. */
    GenerationSettings settings(ImageGenerator generator) throws IOException {
        return new GenerationSettings(sampler.config(), sampler.guidance(), schedule(generator));
    }

    private Schedule schedule(ImageGenerator generator) throws IOException {
        if (schedule != null) {
            if (mediators != null) {
                throw new IllegalArgumentException("--mediators is " + mediators + " and --schedule is '" + schedule
                        + "', allowed is one of them: --mediators N is --schedule static:N");
            }
            return Schedule.parseOrRead(schedule);
        }
        if (mediators == null) {
            return new StaticSchedule(generator.largestMediators());
        }
        MediatorCount count = MediatorCount.parse(mediators);
        Set<MediatorCount> served = new TreeSet<>(generator.costs().counts());
        if (!served.contains(count)) {
            throw new IllegalArgumentException("--mediators is '" + mediators + "', the model serves " + served);
        }
        return new StaticSchedule(count);
    }
}
