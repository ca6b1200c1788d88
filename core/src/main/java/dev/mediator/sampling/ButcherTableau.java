package dev.mediator.sampling;

import dev.mediator.transport.PerSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Coefficients of an explicit Runge-Kutta method: nodes c, matrix a, weights b (Hairer, Nørsett, Wanner, vol. I, II.1). */
final class ButcherTableau {
    static final ButcherTableau EULER = new ButcherTableau(1, new double[] {0}, new double[][] {{}}, new double[] {1});

    static final ButcherTableau MIDPOINT =
            new ButcherTableau(2, new double[] {0, 1.0 / 2}, new double[][] {{}, {1.0 / 2}}, new double[] {0, 1});

    static final ButcherTableau HEUN =
            new ButcherTableau(2, new double[] {0, 1}, new double[][] {{}, {1}}, new double[] {1.0 / 2, 1.0 / 2});

    static final ButcherTableau HEUN3 = new ButcherTableau(
            3, new double[] {0, 1.0 / 3, 2.0 / 3}, new double[][] {{}, {1.0 / 3}, {0, 2.0 / 3}}, new double[] {
                1.0 / 4, 0, 3.0 / 4
            });

    /** Kutta's 3/8 rule. */
    static final ButcherTableau RK4 = new ButcherTableau(
            4,
            new double[] {0, 1.0 / 3, 2.0 / 3, 1},
            new double[][] {{}, {1.0 / 3}, {-1.0 / 3, 1}, {1, -1, 1}},
            new double[] {1.0 / 8, 3.0 / 8, 3.0 / 8, 1.0 / 8});

    /** Dormand, Prince, "A family of embedded Runge-Kutta formulae" (1980), the propagated method of order 5. */
    static final ButcherTableau DORMAND_PRINCE = new ButcherTableau(
            5,
            new double[] {0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1},
            new double[][] {
                {},
                {1.0 / 5},
                {3.0 / 40, 9.0 / 40},
                {44.0 / 45, -56.0 / 15, 32.0 / 9},
                {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
                {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
            },
            new double[] {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84});

    private final int order;
    private final double[] nodes;
    private final double[][] matrix;
    private final double[] weights;

    private ButcherTableau(int order, double[] nodes, double[][] matrix, double[] weights) {
        this.order = order;
        this.nodes = nodes;
        this.matrix = matrix;
        this.weights = weights;
    }

    int order() {
        return order;
    }

    int stages() {
        return nodes.length;
    }

    boolean evaluatesEnd() {
        return nodes[nodes.length - 1] == 1;
    }

    /** Times of the stages of a step from t to t + dt. */
    double[] times(double t, double dt) {
        return Arrays.stream(nodes).map(node -> t + node * dt).toArray();
    }

    /** One step from t to t + dt. */
    Ode.Step step(Ode f, PerSample t, PerSample dt, Tensor x) {
        Ode.Slope first = f.at(t, x);
        return new Ode.Step(advance(stages(f, t, dt, x, first.value()), dt, x), first.estimate());
    }

    /** The stage derivatives k₁ … k_s, given the first. */
    List<Tensor> stages(Ode f, PerSample t, PerSample dt, Tensor x, Tensor first) {
        List<Tensor> k = new ArrayList<>(List.of(first));
        for (int i = 1; i < nodes.length; i++) {
            double node = nodes[i];
            k.add(f.at(t.combine(dt, (from, step) -> from + node * step), increment(matrix[i], k, dt, x))
                    .value());
        }
        return k;
    }

    /** The state after the step, from its stage derivatives. */
    Tensor advance(List<Tensor> k, PerSample dt, Tensor x) {
        return increment(weights, k, dt, x);
    }

    private static Tensor increment(double[] coefficients, List<Tensor> k, PerSample dt, Tensor x) {
        return x.add(dt.scale(combination(coefficients, k)));
    }

    /** Σ coefficient·k over the coefficients that are not zero; there is at least one. */
    static Tensor combination(double[] coefficients, List<Tensor> k) {
        Tensor sum = null;
        for (int i = 0; i < coefficients.length; i++) {
            if (coefficients[i] != 0) {
                Scalar coefficient = new Scalar(coefficients[i]);
                sum = sum == null ? k.get(i).mul(coefficient) : sum.add(k.get(i), coefficient);
            }
        }
        if (sum == null) {
            throw new IllegalArgumentException("all coefficients are zero");
        }
        return sum;
    }
}
