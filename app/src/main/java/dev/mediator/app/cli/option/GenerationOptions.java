package dev.mediator.app.cli.option;

import dev.mediator.app.cli.console.Console;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.model.Guidance;
import dev.mediator.stepwise.Schedule;
import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that decide how noise becomes a picture. */
public final class GenerationOptions {
    @Mixin
    private SamplerOptions sampler;

    @Mixin
    private MediatorsOption mediators;

    @Option(
            names = "--schedule",
            paramLabel = "TEXT|FILE.json",
            description =
                    "Which mediator count serves which step: static:N, fixed:…, threshold:… or budget:B, see below;"
                            + " or a file that holds a schedule. Default: static.")
    private @Nullable String schedule;

    @Mixin
    private CudaGraphsOption graphs;

    /**
     * Checks how a generator is to compute, before there is one.
     *
     * @throws IllegalArgumentException if it cannot be done on the device
     */
    public void requireUsable(ComputeDevice device) {
        graphs.isChosenFor(device);
    }

    /** Prepares a generator for how it is to compute; what it makes does not depend on that. */
    public void prepare(ImageGenerator generator) {
        graphs.apply(generator);
    }

    /** The settings for a generator's network; what is to be known of them is told. */
    public GenerationSettings settings(ImageGenerator generator, Console console) throws IOException {
        Guidance guidance = sampler.guidance(generator.labels(), console);
        return new GenerationSettings(sampler.config(), guidance, schedule(generator, guidance));
    }

    private Schedule schedule(ImageGenerator generator, Guidance guidance) throws IOException {
        if (schedule != null) {
            if (mediators.text() != null) {
                throw new IllegalArgumentException("--mediators is " + mediators.text() + " and --schedule is '"
                        + schedule + "', allowed is one of them: --mediators N is --schedule static:N");
            }
            return Schedule.parseOrRead(schedule, sampler.config(), guidance);
        }
        return mediators.schedule(generator.costs().counts(), generator.largestMediators());
    }
}
