package dev.mediator.app.cli.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.cli.option.CodecOption;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.codec.Codec;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What schedules were compared on: enough to compare them again.
 *
 * @param model the checkpoint's file name
 * @param modelSha256 its content
 * @param weights which weights of it
 * @param codec fingerprint of the autoencoder whose latents it works on; null for pixels
 * @param dtype what the network computed in
 * @param settings sampler, guidance and the schedule of the reference
 * @param summary the sampler in words
 * @param images class and seed of each image
 */
public record ComparisonSubject(
        String model,
        String modelSha256,
        String weights,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String codec,
        String dtype,
        GenerationSettings settings,
        String summary,
        List<AnalysisSubject.Sample> images) {
    public ComparisonSubject {
        images = List.copyOf(images);
    }

    public static ComparisonSubject of(
            Path checkpoint,
            String weights,
            Codec codec,
            DType dtype,
            GenerationSettings settings,
            List<AnalysisSubject.Sample> images)
            throws IOException {
        return new ComparisonSubject(
                checkpoint.getFileName().toString(),
                SampleRecord.sha256(checkpoint),
                weights,
                CodecOption.fingerprint(codec),
                dtype.name(),
                settings,
                settings.sampler().summary(),
                images);
    }

    /** Checkpoint, sampler and guidance in a few words, for headlines. */
    public String headline() {
        return model + ", " + (summary.length() > 40 ? summary.substring(0, summary.indexOf(',', 10)) : summary) + ", "
                + settings.guidance().summary();
    }
}
