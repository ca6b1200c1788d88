package dev.mediator.evaluation;

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
 */
public record FeatureSet(
        @Nullable ExtractorDescription extractor,
        FeatureGaussian pooled,
        @Nullable FeatureGaussian spatial,
        @Nullable Tensor features,
        @Nullable Tensor logits) {
    /** Images; 0 if a file does not tell. */
    public long count() {
        return pooled.count();
    }
}
