package dev.mediator.tuning;

import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What cheaper counts do wrong along the reference, and what it predicts.
 *
 * <p>In step i of the reference, count c would have gone dt·(v_c − v) elsewhere: its local error u_ic, one vector per image.
 * As if the following steps did not see it, the final latents of a schedule are off by the sum of its steps' local errors.
 * They do see it: an ODE carries an error on, bent and stretched, an SDE forgets it. So the sum is weighted by a gain
 * that depends on how far into the run the step is. Relative to the reference's size, the mean square over images is
 *
 * <pre>error² = Σ_i Σ_j g_i g_j ⟨u_i, u_j⟩ / ‖x‖²,</pre>
 *
 * where i and j run over the steps of the schedule, each with its count. Steps are taken together in up to {@value
 * #MAX_SEGMENTS} segments of equally many, at whose ends counts may change.
 */
final class LocalErrors {
    /** More would make the search slow and the sums large, and no schedule better. */
    static final int MAX_SEGMENTS = 50;

    private final int steps;
    private final int[] ends; // of the segments, in steps
    private final List<MediatorCount> counts; // all but the costliest
    private final double[][] products; // of count c and segment s, at c·segments + s; mean over images
    private final double[] gains; // of each segment

    private LocalErrors(int steps, List<MediatorCount> counts, double[][] products, double... gains) {
        this.steps = steps;
        this.ends = ends(steps);
        this.counts = List.copyOf(counts);
        this.products = products;
        this.gains = gains;
    }

    /** Where the segments of a run end. */
    static int[] ends(int steps) {
        int segments = Math.min(MAX_SEGMENTS, steps);
        int[] ends = new int[segments];
        for (int i = 0; i < segments; i++) {
            ends[i] = (int) Math.round((double) (i + 1) * steps / segments);
        }
        return ends;
    }

    /**
     * From the vectors.
     *
     * @param errors of each image, the local errors of count c and segment s at c·segments + s
     * @param latents of the reference
     */
    static LocalErrors of(int steps, List<MediatorCount> counts, List<float[][]> errors, List<float[]> latents) {
        int rows = counts.size() * ends(steps).length;
        double[][] products = new double[rows][rows];
        for (int image = 0; image < errors.size(); image++) {
            double size = 0;
            for (float x : latents.get(image)) {
                size += (double) x * x;
            }
            add(products, errors.get(image), 1 / (size * errors.size()));
        }
        double[] gains = new double[ends(steps).length];
        Arrays.fill(gains, 1);
        return new LocalErrors(steps, counts, products, gains);
    }

    private static void add(double[][] products, float[][] vectors, double weight) {
        try (Scope scope = Scope.open()) {
            int width = vectors[0].length;
            float[] flat = new float[Shapes.arrayLength(vectors.length, width)];
            for (int row = 0; row < vectors.length; row++) {
                System.arraycopy(vectors[row], 0, flat, row * width, width);
            }
            Tensor matrix = Tensors.of(flat, vectors.length, width);
            double[] all = Tensors.doubles(Ops.matmul(matrix, matrix.transpose(0, 1)));
            for (int i = 0; i < all.length; i++) {
                products[i / vectors.length][i % vectors.length] += weight * all[i];
            }
        }
    }

    /** The same with gains, one for each of equally long parts of the run. */
    LocalErrors withGains(List<Double> parts) {
        double[] each = new double[ends.length];
        for (int s = 0; s < each.length; s++) {
            each[s] = parts.get(part(s, parts.size()));
        }
        return new LocalErrors(steps, counts, products, each);
    }

    /** In which of equally long parts a segment lies. */
    private int part(int segment, int parts) {
        return segment * parts / ends.length;
    }

    /** The first segment of a part of the run, and for the number of parts the number of segments. */
    int partBegin(int part, int parts) {
        int segment = 0;
        while (segment < ends.length && part(segment, parts) < part) {
            segment++;
        }
        return segment;
    }

    /** The step at which a segment begins, and for the number of segments the number of steps. */
    int begin(int segment) {
        return segment == 0 ? 0 : ends[segment - 1];
    }

    int steps() {
        return steps;
    }

    List<MediatorCount> counts() {
        return counts;
    }

    /** Where each segment ends, in steps. */
    int[] ends() {
        return ends.clone();
    }

    /** Sums over rectangles of segments, from which the error of any schedule follows at once. */
    Prediction prediction() {
        int n = ends.length;
        double[][] sums = new double[counts.size() * (n + 1)][counts.size() * (n + 1)];
        for (int c = 0; c < counts.size(); c++) {
            for (int d = 0; d < counts.size(); d++) {
                for (int s = 0; s < n; s++) {
                    double row = 0;
                    for (int r = 0; r < n; r++) {
                        row += gains[s] * gains[r] * products[c * n + s][d * n + r];
                        sums[c * (n + 1) + s + 1][d * (n + 1) + r + 1] =
                                sums[c * (n + 1) + s][d * (n + 1) + r + 1] + row;
                    }
                }
            }
        }
        return new Prediction(n, sums);
    }

    /** Predicts errors from sums over all segments before. */
    static final class Prediction {
        private final int segments;
        private final double[][] sums;

        private Prediction(int segments, double[][] sums) {
            this.segments = segments;
            this.sums = sums;
        }

        /**
         * Of a schedule in which count c serves the segments from {@code from[c]} to {@code to[c]}, and the costliest count
         * all others.
         *
         * @return the root of the mean square over images
         */
        double error(int[] from, int... to) {
            double sum = 0;
            for (int c = 0; c < from.length; c++) {
                for (int d = 0; d < from.length; d++) {
                    sum += block(c, from[c], to[c], d, from[d], to[d]);
                }
            }
            return Math.sqrt(Math.max(0, sum));
        }

        /** Of a run in which one count serves the segments of a range, the costliest all others. */
        double error(int count, int from, int to) {
            return Math.sqrt(Math.max(0, block(count, from, to, count, from, to)));
        }

        private double block(int c, int from, int to, int d, int dFrom, int dTo) {
            int i = c * (segments + 1);
            int j = d * (segments + 1);
            return sums[i + to][j + dTo]
                    - sums[i + from][j + dTo]
                    - sums[i + to][j + dFrom]
                    + sums[i + from][j + dFrom];
        }
    }
}
