package dev.mediator.evaluation;

/**
 * What scores depend on besides the features.
 *
 * @param inceptionSplits parts over which the inception score's mean and deviation are taken, at least 1
 * @param neighbours k of the manifolds of precision and recall, at least 1
 * @param kernelSubsets subsets over which the kernel distance's mean and deviation are taken, at least 1
 * @param kernelSubsetSize images of each, at least 2; fewer where there are fewer
 * @param seed of the inception score's order and the kernel distance's subsets
 */
public record EvaluationConfig(
        int inceptionSplits, int neighbours, int kernelSubsets, int kernelSubsetSize, long seed) {
    /** The settings of the published scores. */
    public static final EvaluationConfig DEFAULT = new EvaluationConfig(
            InceptionScore.DEFAULT_SPLITS,
            PrecisionRecall.DEFAULT_NEIGHBOURS,
            KernelDistance.DEFAULT_SUBSETS,
            KernelDistance.DEFAULT_SUBSET_SIZE,
            0);

    public EvaluationConfig {
        requireAtLeast("inceptionSplits", inceptionSplits, 1);
        requireAtLeast("neighbours", neighbours, 1);
        requireAtLeast("kernelSubsets", kernelSubsets, 1);
        requireAtLeast("kernelSubsetSize", kernelSubsetSize, 2);
    }

    private static void requireAtLeast(String field, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(field + " is " + value + ", allowed is " + least + " or more");
        }
    }
}
