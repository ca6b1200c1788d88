package dev.mediator.evaluation;

import dev.mediator.tensor.Shapes;
import org.bytedeco.pytorch.Tensor;

/**
 * Features summed up by a normal distribution; the tensors belong to the scope they were made in.
 *
 * @param count features it was estimated from; 0 if a file does not tell
 * @param mean [D] F64
 * @param covariance [D, D] F64, unbiased (divided by count − 1); zeros if count is 1, which says nothing of it
 */
public record FeatureGaussian(long count, Tensor mean, Tensor covariance) {
    public FeatureGaussian {
        if (count < 0) {
            throw new IllegalArgumentException("count is " + count + ", allowed is 0 (unknown) or more");
        }
        Shapes.require(mean, "the mean", Shapes.ANY);
        Shapes.require(covariance, "the covariance", mean.size(0), mean.size(0));
    }

    /** D. */
    public long dimension() {
        return mean.size(0);
    }
}
