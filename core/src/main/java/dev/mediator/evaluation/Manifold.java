package dev.mediator.evaluation;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * An estimate of where features lie: the union of balls around them, each just large enough to reach its centre's k-th
 * nearest neighbour (Kynkäänniemi et al., arXiv 1904.06991).
 */
final class Manifold {
    private final Tensor features; // [M, D]
    private final Tensor squaredRadii; // [M] F64

    private Manifold(Tensor features, Tensor squaredRadii) {
        this.features = features;
        this.squaredRadii = squaredRadii;
    }

    /**
     * The manifold of features; belongs to the caller's scope.
     *
     * @param features [M, D] with M > k
     * @param k neighbours, a feature itself not counted
     */
    static Manifold of(Tensor features, int k, TileProgress progress) {
        Shapes.require(features, "the features", Shapes.ANY, Shapes.ANY);
        long count = features.size(0);
        if (k < 1 || k >= count) {
            throw new IllegalArgumentException(
                    "neighbours is " + k + ", allowed are 1 to " + (count - 1) + " with " + count + " features");
        }
        try (Scope scope = Scope.open()) {
            Tensor nearest = Tensors.full(Double.POSITIVE_INFINITY, count, k);
            Tensor best = Tensors.to(nearest, DType.F64).clone(); // [M, k]
            new Tiles(features, features).squaredDistances(progress, (row, column, squared) -> {
                if (row == column) {
                    squared.fill_diagonal_(new Scalar(Double.POSITIVE_INFINITY));
                }
                Tensor known = best.narrow(0, row, squared.size(0));
                known.copy_(smallest(Ops.cat(1, known, smallest(squared, k)), k));
            });
            return new Manifold(features, scope.keep(best.amax(new long[] {1}, false)));
        }
    }

    /** Share of samples [N, D] that lie in the manifold. */
    double share(Tensor samples, TileProgress progress) {
        try (Scope scope = Scope.open()) {
            Tensor inside = Tensors.zeros(DType.BOOL, samples.size(0));
            new Tiles(samples, features).squaredDistances(progress, (row, column, squared) -> {
                Tensor radii = squaredRadii.narrow(0, column, squared.size(1));
                inside.narrow(0, row, squared.size(0))
                        .logical_or_(squared.le(radii).any(1));
            });
            return Arrays.stream(Tensors.doubles(inside)).average().orElseThrow();
        }
    }

    private static Tensor smallest(Tensor values, long k) {
        return values.topk(Math.min(k, values.size(1)), 1, false, false).get0();
    }
}
