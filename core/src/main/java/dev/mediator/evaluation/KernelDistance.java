package dev.mediator.evaluation;

import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Kernel distance, called KID for features of the FID Inception (Bińkowski et al., arXiv 1801.01401): the squared maximum
 * mean discrepancy with the kernel (⟨x, y⟩/D + 1)³, estimated without bias, so that it may be negative and, unlike the
 * Fréchet distance, does not shrink with the number of samples.
 *
 * @param mean over the subsets
 * @param std over the subsets, of the population (divided by their number)
 */
public record KernelDistance(double mean, double std) {
    /** Subsets of the published scores. */
    public static final int DEFAULT_SUBSETS = 100;

    /** Size of the subsets of the published scores. */
    public static final int DEFAULT_SUBSET_SIZE = 1000;

    /**
     * The mean over random subsets, drawn without repetition from samples and reference.
     *
     * @param samples [N, D]
     * @param reference [M, D]
     * @param subsets how many, at least 1
     * @param subsetSize features of each, 2 to the smaller of N and M
     * @param seed of the draws
     * @param progress told of every subset
     */
    public static KernelDistance ofSubsets(
            Tensor samples, Tensor reference, int subsets, int subsetSize, long seed, TileProgress progress) {
        Shapes.require(samples, "the features", Shapes.ANY, Shapes.ANY);
        Shapes.require(reference, "the reference features", Shapes.ANY, samples.size(1));
        long most = Math.min(samples.size(0), reference.size(0));
        if (subsets < 1 || subsetSize < 2 || subsetSize > most) {
            throw new IllegalArgumentException(
                    subsets + " subsets of " + subsetSize + " features, allowed are 1 or more of 2 to " + most);
        }
        SubsetDraw ofSamples = new SubsetDraw(Math.toIntExact(samples.size(0)), new RandomStream(seed, 0));
        SubsetDraw ofReference = new SubsetDraw(Math.toIntExact(reference.size(0)), new RandomStream(seed, 1));
        double[] values = new double[subsets];
        for (int i = 0; i < subsets; i++) {
            try (Scope scope = Scope.open()) {
                Tensor x = samples.index_select(0, Tensors.of(ofSamples.next(subsetSize), subsetSize));
                Tensor y = reference.index_select(0, Tensors.of(ofReference.next(subsetSize), subsetSize));
                values[i] = ofAll(x, y, TileProgress.NONE);
            }
            progress.onTile(i + 1, subsets);
        }
        return new KernelDistance(Spread.mean(values), Spread.std(values));
    }

    /**
     * The unbiased estimate from all pairs.
     *
     * @param samples [N, D] with N ≥ 2
     * @param reference [M, D] with M ≥ 2
     * @param progress told of the tiles of each of the three passes in turn
     */
    public static double ofAll(Tensor samples, Tensor reference, TileProgress progress) {
        double n = samples.size(0);
        double m = reference.size(0);
        if (n < 2 || m < 2) {
            throw new IllegalArgumentException("a kernel distance needs 2 features or more of each set");
        }
        return kernelSum(samples, samples, true, progress) / (n * (n - 1))
                + kernelSum(reference, reference, true, progress) / (m * (m - 1))
                - 2 * kernelSum(samples, reference, false, progress) / (n * m);
    }

    /** The sum over all pairs; {@code others} leaves out the pairs of a feature with itself. */
    private static double kernelSum(Tensor x, Tensor y, boolean others, TileProgress progress) {
        double[] sum = {0};
        new Tiles(x, y).products(progress, (row, column, products) -> {
            Tensor kernel = products.div_(new Scalar((double) x.size(1)))
                    .add_(new Scalar(1.0))
                    .pow_(new Scalar(3.0));
            if (others && row == column) {
                kernel.fill_diagonal_(new Scalar(0.0));
            }
            sum[0] += kernel.sum().item_double();
        });
        return sum[0];
    }
}
