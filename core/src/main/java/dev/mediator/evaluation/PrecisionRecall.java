package dev.mediator.evaluation;

import dev.mediator.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * Improved precision and recall (Kynkäänniemi et al., arXiv 1904.06991): are samples like the reference, and is all of the
 * reference like some sample? Depends on the number of samples and references, so compare results of equal numbers only.
 *
 * @param precision share of samples that lie in the manifold of the reference
 * @param recall share of the reference that lies in the manifold of the samples
 */
public record PrecisionRecall(double precision, double recall) {
    /** Neighbours of the published results. */
    public static final int DEFAULT_NEIGHBOURS = 3;

    /**
     * Compares features.
     *
     * @param samples [N, D] with N > k
     * @param reference [M, D] with M > k
     * @param k neighbours that make the manifolds
     * @param progress told of the tiles of each of the four passes in turn
     */
    public static PrecisionRecall between(Tensor samples, Tensor reference, int k, TileProgress progress) {
        double precision;
        try (Scope scope = Scope.open()) {
            precision = Manifold.of(reference, k, progress).share(samples, progress);
        }
        try (Scope scope = Scope.open()) {
            return new PrecisionRecall(
                    precision, Manifold.of(samples, k, progress).share(reference, progress));
        }
    }
}
