package dev.mediator.evaluation;

import dev.mediator.tensor.Shapes;
import org.bytedeco.pytorch.Tensor;

/**
 * Features summed up by a normal distribution; the tensors belong to the scope they were made in.
 *
 * @param count features it was estimated from, at least 2; 0 if a file does not tell
 * @param mean [D] F64
 * @param covariance [D, D] F64, unbiased (divided by count − 1)
 */
public record FeatureGaussian(long count, Tensor mean, Tensor covariance) {
    public FeatureGaussian {
        if (count < 0 || count == 1) {
            throw new IllegalArgumentException("count is " + count + ", allowed are 0 (unknown) and 2 or more");
        }
        Shapes.require(mean, "the mean", Shapes.ANY);
        Shapes.require(covariance, "the covariance", mean.size(0), mean.size(0));
    }

    /** D. */
    public long dimension() {
        return mean.size(0);
    }
}
