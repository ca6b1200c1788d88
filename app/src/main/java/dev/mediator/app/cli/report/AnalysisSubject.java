package dev.mediator.app.cli.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.analysis.AttentionStudy;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was looked at: enough to look at it again.
 *
 * @param model the checkpoint's file name
 * @param modelSha256 its content
 * @param weights which weights of it
 * @param codec fingerprint of the autoencoder that made pictures of its latents; null for pixels, or without pictures
 * @param dtype what the network computed in
 * @param settings sampler, guidance and a static schedule
 * @param summary the sampler in words
 * @param guidedHalf which half of guided pairs was looked at; the trajectories follow both
 * @param samples the trajectories
 */
public record AnalysisSubject(
        String model,
        String modelSha256,
        String weights,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String codec,
        String dtype,
        GenerationSettings settings,
        String summary,
        String guidedHalf,
        List<Sample> samples) {
    public AnalysisSubject {
        samples = List.copyOf(samples);
    }

    /** A trajectory: its class and seed. */
    public record Sample(int label, String className, long seed) {
        public ImageRequest request() {
            return new ImageRequest(label, seed);
        }
    }

    public static AnalysisSubject of(
            Path checkpoint,
            String weights,
            @Nullable String codec,
            DType dtype,
            GenerationSettings settings,
            List<Sample> samples)
            throws IOException {
        return new AnalysisSubject(
                checkpoint.getFileName().toString(),
                SampleRecord.sha256(checkpoint),
                weights,
                codec,
                dtype.name(),
                settings,
                settings.sampler().summary(),
                "conditional",
                samples);
    }

    /** A study of these settings. */
    public AttentionStudy study(ImageGenerator generator) {
        return new AttentionStudy(generator, generator.plan(settings));
    }

    private MediatorCount mediators() {
        return settings.schedule().counts().get(0); // of a static schedule
    }

    public List<ImageRequest> requests() {
        return samples.stream().map(Sample::request).toList();
    }

    /** Checkpoint and attention in a few words, for headlines. */
    public String shortName() {
        return model + ", " + (mediators().isFull() ? "full attention" : mediators() + " mediators");
    }
}
