package dev.mediator.evaluation;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Mean and covariance of a stream of features in fp64, never holding more than a block of them. The scatter matrix of a
 * block is taken about the block's own mean, and blocks are joined by the formula of Chan, Golub and LeVeque ("Updating
 * Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979), so nothing cancels.
 *
 * <p>Blocks have a fixed size: the result does not depend on the batches in which features arrive. Holds native memory until
 * it is closed; one thread at a time.
 */
public final class FeatureStatistics implements AutoCloseable {
    private static final int BLOCK_ROWS = 1024;

    private final long dimension;
    private final UseGuard guard = new UseGuard("the statistics");
    private final Tensor block; // [BLOCK_ROWS, D] F64
    private final Tensor mean; // [D] F64
    private final Tensor scatter; // [D, D] F64, the sum of (x − mean)(x − mean)ᵀ
    private long inBlock;
    private long joined;

    /** Statistics of no feature so far. */
    public FeatureStatistics(long dimension) {
        if (dimension < 1) {
            throw new IllegalArgumentException("dimension is " + dimension + ", allowed is 1 or more");
        }
        this.dimension = dimension;
        this.block = owned(() -> Tensors.zeros(DType.F64, BLOCK_ROWS, dimension));
        this.mean = owned(() -> Tensors.zeros(DType.F64, dimension));
        this.scatter = owned(() -> Tensors.zeros(DType.F64, dimension, dimension));
    }

    /** D. */
    public long dimension() {
        return dimension;
    }

    /** Features so far. */
    public long count() {
        return joined + inBlock;
    }

    /**
     * Adds features.
     *
     * @param features [B, D], any floating-point type
     * @throws IOException if one is not finite: its image is told, and none of the batch is added
     */
    public void add(Tensor features) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            Shapes.require(features, "the features", Shapes.ANY, dimension);
            requireFinite(features, count());
            long taken = 0;
            while (taken < features.size(0)) {
                long rows = Math.min(features.size(0) - taken, BLOCK_ROWS - inBlock);
                try (Scope scope = Scope.open()) {
                    block.narrow(0, inBlock, rows).copy_(features.narrow(0, taken, rows));
                }
                taken += rows;
                inBlock += rows;
                if (inBlock == BLOCK_ROWS) {
                    joinBlock();
                }
            }
        }
    }

    /** Adds all that another has seen, as if it had been seen here. The other stays as it is, but for its open block. */
    public void merge(FeatureStatistics other) {
        if (other.dimension != dimension) {
            throw new IllegalArgumentException(
                    "statistics of dimension " + other.dimension + " do not go with those of dimension " + dimension);
        }
        try (UseGuard.Use use = guard.use();
                UseGuard.Use useOfOther = other.guard.use()) {
            joinBlock();
            other.joinBlock();
            if (other.joined > 0) {
                try (Scope scope = Scope.open()) {
                    scatter.add_(other.scatter);
                    join(other.joined, other.mean);
                }
            }
        }
    }

    /**
     * The normal distribution with this mean and covariance; its tensors belong to the caller's scope. That of a single
     * feature has a covariance of zeros.
     *
     * @throws IllegalStateException without any feature
     */
    public FeatureGaussian gaussian() {
        try (UseGuard.Use use = guard.use()) {
            if (count() < 1) {
                throw new IllegalStateException("a mean needs 1 feature or more, found are none");
            }
            joinBlock();
            double divisor = Math.max(1, joined - 1);
            return new FeatureGaussian(joined, mean.clone(), scatter.div(new Scalar(divisor)));
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            block.close();
            mean.close();
            scatter.close();
        });
    }

    /** Refuses features that are NaN or infinite, naming the first image whose features are. */
    static void requireFinite(Tensor features, long firstImage) throws IOException {
        try (Scope scope = Scope.open()) {
            Tensor finite = torch.isfinite(features).all(1); // [B]
            if (!finite.all().item_bool()) {
                long row = finite.logical_not().nonzero().min().item_long();
                throw new IOException(
                        "the features of image " + (firstImage + row) + " (counted from 0) are not finite");
            }
        }
    }

    private void joinBlock() {
        if (inBlock == 0) {
            return;
        }
        try (Scope scope = Scope.open()) {
            Tensor rows = block.narrow(0, 0, inBlock);
            Tensor blockMean = rows.mean(0);
            Tensor centred = rows.sub(blockMean);
            scatter.addmm_(centred.t(), centred);
            join(inBlock, blockMean);
        }
        inBlock = 0;
    }

    /** Chan's correction for two means, after the scatter matrices have been added. */
    private void join(long count, Tensor otherMean) {
        double total = (double) joined + count;
        Tensor shift = otherMean.sub(mean);
        scatter.addr_(shift, shift, new Scalar(1.0), new Scalar(joined * (count / total)));
        mean.add_(shift, new Scalar(count / total));
        joined += count;
    }

    private static Tensor owned(Supplier<Tensor> made) {
        try (Scope scope = Scope.open()) {
            return scope.release(made.get());
        }
    }
}
