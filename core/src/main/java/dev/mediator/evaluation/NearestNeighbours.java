package dev.mediator.evaluation;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * For each of a set of features the nearest of another set, which is brought piece by piece and may be of any size. Holds
 * native memory until it is closed.
 *
 * <p>Any thread may use it, one at a time; closing waits for the use in progress, and later uses are refused with an
 * {@link IllegalStateException}.
 */
public final class NearestNeighbours implements AutoCloseable {
    private final Tensor queries; // [N, D]
    private final UseGuard guard = new UseGuard("the search");
    private final Tensor distances; // [N] F64, squared
    private final Tensor indices; // [N] I64
    private long seen;

    /**
     * The nearest of a set.
     *
     * @param query which of the features searched for
     * @param index which of the set, in the order it was brought
     * @param distance Euclidean
     */
    public record Neighbour(long query, long index, double distance) {}

    /**
     * Starts a search.
     *
     * @param queries [N, D] with N ≥ 1; copied
     */
    public NearestNeighbours(Tensor queries) {
        Shapes.require(queries, "the features", Shapes.ANY, Shapes.ANY);
        if (queries.size(0) < 1) {
            throw new IllegalArgumentException("there is nothing to search for");
        }
        try (Scope scope = Scope.open()) {
            this.queries = scope.release(queries.clone());
            this.distances =
                    scope.release(Tensors.to(Tensors.full(Double.POSITIVE_INFINITY, queries.size(0)), DType.F64));
            this.indices = scope.release(Tensors.zeros(DType.I64, queries.size(0)));
        }
    }

    /**
     * Compares with a further piece of the set.
     *
     * @param features [M, D]
     * @throws IOException if a feature is not finite
     */
    public void add(Tensor features) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            Shapes.require(features, "the reference features", Shapes.ANY, queries.size(1));
            FeatureStatistics.requireFinite(features, seen);
            long before = seen;
            new Tiles(queries, features).squaredDistances(TileProgress.NONE, (row, column, squared) -> {
                Tensor nearest = squared.amin(new long[] {1}, false); // [r]
                Tensor where = squared.argmin(new LongOptional(1), false);
                Tensor known = distances.narrow(0, row, squared.size(0));
                Tensor knownIndices = indices.narrow(0, row, squared.size(0));
                Tensor closer = nearest.lt(known);
                knownIndices.copy_(
                        torch.where(closer, where.add(Tensors.of(new long[] {before + column}, 1)), knownIndices));
                known.copy_(torch.where(closer, nearest, known));
            });
            seen += features.size(0);
        }
    }

    /**
     * The nearest of all that was brought, one for each query, in their order.
     *
     * @throws IllegalStateException if nothing was
     */
    public List<Neighbour> found() {
        try (UseGuard.Use use = guard.use()) {
            if (seen == 0) {
                throw new IllegalStateException("there is nothing to search in");
            }
            double[] squared = Tensors.doubles(distances);
            long[] index = Tensors.longs(indices);
            Stream<Neighbour> found = LongStream.range(0, squared.length)
                    .mapToObj(i -> new Neighbour(i, index[(int) i], Math.sqrt(squared[(int) i])));
            return found.toList();
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            queries.close();
            distances.close();
            indices.close();
        });
    }
}
