package dev.mediator.evaluation;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of the features of one set of images: samples, or a reference. Its tensors belong to the scope it was
 * made in.
 *
 * @param extractor whose features; null for files of other programs, which do not tell
 * @param pooled mean and covariance of the pooled features
 * @param spatial mean and covariance of the spatial features, null if there are none
 * @param features [N, D] the pooled features themselves, null if they were not kept
 * @param logits [N, K] the classifier's values, null if they were not kept or it is none
 * @param warnings what a score of these images has to be read with
 */
public record FeatureSet(
        @Nullable ExtractorDescription extractor,
        FeatureGaussian pooled,
        @Nullable FeatureGaussian spatial,
        @Nullable Tensor features,
        @Nullable Tensor logits,
        List<ScoreWarning> warnings) {
    public FeatureSet {
        warnings = List.copyOf(warnings);
    }

    /** Features that need no warning. */
    public FeatureSet(
            @Nullable ExtractorDescription extractor,
            FeatureGaussian pooled,
            @Nullable FeatureGaussian spatial,
            @Nullable Tensor features,
            @Nullable Tensor logits) {
        this(extractor, pooled, spatial, features, logits, List.of());
    }

    /** Images; 0 if a file does not tell. */
    public long count() {
        return pooled.count();
    }
}
