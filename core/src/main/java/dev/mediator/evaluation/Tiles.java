package dev.mediator.evaluation;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Two sets of features, [N, D] and [M, D], compared row by row in tiles of bounded size, in fp64: the N×M matrix of all pairs
 * never exists as a whole. Tiles are visited row by row, each in a scope of its own.
 */
final class Tiles {
    private static final long SIZE = 1024;
    /** Squared distances that are this small beside the squared norms are rounding: the two are the same features. */
    private static final double SAME = 1e-12;

    private final Tensor rows; // [N, D]
    private final Tensor columns; // [M, D]

    Tiles(Tensor rows, Tensor columns) {
        Shapes.require(rows, "the features", Shapes.ANY, Shapes.ANY);
        Shapes.require(columns, "the reference features", Shapes.ANY, rows.size(1));
        this.rows = rows;
        this.columns = columns;
    }

    /** What is done with one tile of pairs. */
    interface Visitor {
        /**
         * Sees one tile.
         *
         * @param row of the tile's first row
         * @param column of its first column
         * @param values [r, c] F64
         */
        void visit(long row, long column, Tensor values);
    }

    /** Inner products ⟨x, y⟩. */
    void products(TileProgress progress, Visitor visitor) {
        forEach(progress, (row, x, column, y) -> visitor.visit(row, column, x.mm(y.t())));
    }

    /**
     * Squared Euclidean distances |x − y|² as |x|² + |y|² − 2⟨x, y⟩. Both are shifted by the mean of the first rows, which
     * changes no distance but leaves little to cancel.
     */
    void squaredDistances(TileProgress progress, Visitor visitor) {
        try (Scope scope = Scope.open()) {
            Tensor centre = Tensors.to(rows.narrow(0, 0, Math.min(SIZE, rows.size(0))), DType.F64)
                    .mean(0);
            forEach(progress, (row, x, column, y) -> visitor.visit(row, column, squared(x.sub(centre), y.sub(centre))));
        }
    }

    private static Tensor squared(Tensor x, Tensor y) {
        Tensor norms = x.square().sum(1).unsqueeze(1).add(y.square().sum(1).unsqueeze(0)); // [r, c]
        Tensor distances = norms.addmm(x, y.t(), new Scalar(1.0), new Scalar(-2.0));
        return distances.masked_fill_(distances.le(norms.mul(new Scalar(SAME))), new Scalar(0.0));
    }

    private interface PairVisitor {
        void visit(long row, Tensor x, long column, Tensor y);
    }

    private void forEach(TileProgress progress, PairVisitor visitor) {
        long tileRows = (rows.size(0) + SIZE - 1) / SIZE;
        long tileColumns = (columns.size(0) + SIZE - 1) / SIZE;
        for (long i = 0; i < tileRows; i++) {
            try (Scope rowScope = Scope.open()) {
                Tensor x = tile(rows, i);
                for (long j = 0; j < tileColumns; j++) {
                    try (Scope scope = Scope.open()) {
                        visitor.visit(i * SIZE, x, j * SIZE, tile(columns, j));
                    }
                    progress.onTile(i * tileColumns + j + 1, tileRows * tileColumns);
                }
            }
        }
    }

    private static Tensor tile(Tensor features, long index) {
        long from = index * SIZE;
        return Tensors.to(features.narrow(0, from, Math.min(SIZE, features.size(0) - from)), DType.F64);
    }
}
