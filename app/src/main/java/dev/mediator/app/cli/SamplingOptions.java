package dev.mediator.app.cli;

import dev.mediator.generation.GenerationSettings;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
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

    /** The settings for a network. */
    GenerationSettings settings(SitConfig config) {
        return new GenerationSettings(sampler.config(), sampler.guidance(), mediatorCount(config));
    }

    private MediatorCount mediatorCount(SitConfig config) {
        if (mediators == null) {
            return config.largestMediators();
        }
        MediatorCount count = MediatorCount.parse(mediators);
        if (!config.mediators().contains(count)) {
            throw new IllegalArgumentException(
                    "--mediators is '" + mediators + "', the model serves " + config.mediators());
        }
        return count;
    }
}
