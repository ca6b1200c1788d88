package dev.mediator.model;

import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** Interpolation along one axis of a tensor, as a product with a matrix. */
final class AxisResampling {
    private final int from;
    private final int to;
    private final float[] weights; // share of each old value in each new one, [from, to] row-major

    private AxisResampling(int from, int to, float[] weights) {
        this.from = from;
        this.to = to;
        this.weights = weights;
    }

    /** Linear, end points kept (align_corners = true): for values at the tokens of a row or column. */
    static AxisResampling ofPoints(int from, int to) {
        float[] weights = new float[Shapes.arrayLength(from, to)];
        for (int i = 0; i < to; i++) {
            double position = to == 1 ? 0 : i * (from - 1.0) / (to - 1);
            addLinear(weights, from, to, i, position);
        }
        return new AxisResampling(from, to, weights);
    }

    /**
     * For values of a grid of mediators, each of which is an average over its cell of the image (row-major √from×√from
     * and √to×√to): fewer cells are averages of those they cover, more are interpolated linearly between the centres.
     */
    static AxisResampling ofCells(int from, int to) {
        int before = (int) Math.round(Math.sqrt(from));
        int after = (int) Math.round(Math.sqrt(to));
        float[] side = after < before ? averages(before, after) : betweenCentres(before, after);
        float[] weights = new float[Shapes.arrayLength(from, to)];
        for (int i = 0; i < from; i++) {
            for (int j = 0; j < to; j++) {
                weights[i * to + j] = side[i / before * after + j / after] * side[i % before * after + j % after];
            }
        }
        return new AxisResampling(from, to, weights);
    }

    private static float[] averages(int from, int to) {
        float[] weights = new float[Shapes.arrayLength(from, to)];
        double cell = (double) from / to;
        for (int i = 0; i < from; i++) {
            for (int j = 0; j < to; j++) {
                double overlap = Math.min(i + 1, (j + 1) * cell) - Math.max(i, j * cell);
                weights[i * to + j] = (float) Math.max(0, overlap / cell);
            }
        }
        return weights;
    }

    private static float[] betweenCentres(int from, int to) {
        float[] weights = new float[Shapes.arrayLength(from, to)];
        for (int i = 0; i < to; i++) {
            double position = Math.min(Math.max((i + 0.5) * from / to - 0.5, 0), from - 1.0);
            addLinear(weights, from, to, i, position);
        }
        return weights;
    }

    /** Column {@code index} takes its value at a position between two old ones. */
    private static void addLinear(float[] weights, int from, int to, int index, double position) {
        int low = Math.min((int) position, from - 1);
        double share = position - low;
        weights[low * to + index] += (float) (1 - share);
        if (share > 0) {
            weights[(low + 1) * to + index] += (float) share;
        }
    }

    /** The tensor with its axis resampled; the same tensor if nothing changes. */
    Tensor apply(Tensor tensor, int axis) {
        if (from == to) {
            return tensor;
        }
        return Scope.keepResult(() -> Ops.matmul(tensor.transpose(axis, -1), Tensors.of(weights, from, to))
                .transpose(axis, -1)
                .contiguous());
    }
}
