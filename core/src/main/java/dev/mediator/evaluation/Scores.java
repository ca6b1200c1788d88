package dev.mediator.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an evaluation found. A metric is null where it does not apply: the extractor or the reference lacks what it needs, or there are too few images,
 * which a warning tells.
 *
 * @param extractor whose features were compared; its {@link ExtractorDescription#distanceName()} is the distance's name
 * @param samples images that were scored
 * @param references images of the reference, 0 if it does not tell
 * @param frechet of the pooled features; null for a single image, which has no covariance
 * @param spatialFrechet of the spatial features
 * @param inceptionScore of the samples alone
 * @param precisionRecall of the pooled features, if the reference has kept them
 * @param kernelDistance of the pooled features, if the reference has kept them
 * @param classAgreement if the samples' classes are known
 * @param warnings what to know before believing any of these
 */
public record Scores(
        ExtractorDescription extractor,
        long samples,
        long references,
        @Nullable FrechetDistance frechet,
        @Nullable FrechetDistance spatialFrechet,
        @Nullable InceptionScore inceptionScore,
        @Nullable PrecisionRecall precisionRecall,
        @Nullable KernelDistance kernelDistance,
        @Nullable ClassAgreement classAgreement,
        List<ScoreWarning> warnings) {
    public Scores {
        warnings = List.copyOf(warnings);
    }
}
