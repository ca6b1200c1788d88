package dev.mediator.evaluation;

import dev.mediator.evaluation.ScoreWarning.Kind;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Whether statistics and images that lie beside each other belong together. */
public final class StatisticsAgreement {
    /** The squared distance of the means of N images drawn from statistics is tr(S)/N on average. */
    private static final double LARGEST_MEAN_RATIO = 25;

    private static final double SMALLEST_MEAN_SHARE = 0.01;
    private static final double LARGEST_VARIANCE_SHARE = 0.3;
    /** Few images estimate variances badly, those of features with long tails in particular. */
    private static final double VARIANCE_NOISE = 5;
    /** Of the largest value: features are stored in fp32. */
    private static final double ROUNDING = 1e-4;

    private static final long BLOCK_ROWS = 1024;

    private StatisticsAgreement() {}

    /**
     * Compares statistics of a file with those of its images. They may be of more images than the file holds, as in ADM's
     * reference batches; what is noticed is more than the draw of the images explains.
     *
     * @param name of the file and its statistics, for the warning
     * @return a warning, or none
     */
    public static List<ScoreWarning> warnings(String name, FeatureGaussian told, FeatureGaussian images) {
        try (Scope scope = Scope.open()) {
            double spread = told.covariance().trace().item_double();
            double smaller = Math.min(spread, images.covariance().trace().item_double());
            double count = images.count();
            double apart = images.mean().sub(told.mean()).square().sum().item_double();
            double variances = images.covariance()
                    .diag()
                    .sub(told.covariance().diag())
                    .abs()
                    .sum()
                    .item_double();
            boolean sameMean = apart <= Math.max(LARGEST_MEAN_RATIO / count, SMALLEST_MEAN_SHARE) * spread;
            boolean sameVariances = variances <= (LARGEST_VARIANCE_SHARE + VARIANCE_NOISE / Math.sqrt(count)) * smaller;
            if (sameMean && (sameVariances || images.count() == 1)) { // one image has no variances
                return List.of();
            }
            String what = sameMean
                    ? String.format(Locale.ROOT, "variances differ by %.0f %%", 100 * variances / smaller)
                    : String.format(
                            Locale.ROOT,
                            "means are %.1f times as far apart as those of %d images drawn from them",
                            Math.sqrt(apart * count / spread),
                            images.count());
            return List.of(new ScoreWarning(
                    Kind.DISAGREEING_REFERENCE,
                    name + " are not the statistics of the images beside them (" + what
                            + "): Fréchet distances are to the statistics, all other scores to the images"));
        }
    }

    /** True if a mean and a covariance are those of these features [N, D], up to rounding. */
    static boolean areOf(Tensor features, FeatureGaussian told) {
        long count = features.size(0);
        try (Scope scope = Scope.open()) {
            Tensor shifts = Tensors.zeros(DType.F64, told.dimension()); // sums of x − mean
            Tensor squares = Tensors.zeros(DType.F64, told.dimension());
            for (long first = 0; first < count; first += BLOCK_ROWS) {
                try (Scope block = Scope.open()) {
                    Tensor rows = features.narrow(0, first, Math.min(BLOCK_ROWS, count - first));
                    Tensor centred = Tensors.to(rows, DType.F64).sub(told.mean());
                    shifts.add_(centred.sum(0));
                    squares.add_(centred.square().sum(0));
                }
            }
            double largest = Math.max(Tensors.maxAbs(told.mean()), Math.sqrt(Tensors.maxAbs(squares) / count));
            Tensor variances = squares.div(new Scalar(count - 1.0));
            return Tensors.maxAbs(shifts) / count <= ROUNDING * largest
                    && Tensors.maxAbs(variances.sub(told.covariance().diag())) <= ROUNDING * Tensors.maxAbs(variances);
        }
    }
}
