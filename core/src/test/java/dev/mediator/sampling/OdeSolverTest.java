package dev.mediator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.TimeInterval;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OdeSolverTest {
    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    /** dx/dt = −2t·x², whose solution from x(0) = 1 is 1/(1 + t²). */
    @ParameterizedTest
    @EnumSource
    void theErrorFallsWithTheStatedOrder(OdeSolver solver) {
        double[] steps = {8, 16, 32, 64};
        double[] sizes = new double[steps.length];
        double[] errors = new double[steps.length];
        for (int i = 0; i < steps.length; i++) {
            sizes[i] = 1 / steps[i];
            errors[i] = Math.abs(solve(solver, new TimeInterval(0, 1), (int) steps[i], 1) - 0.5);
        }
        assertThat(Slope.ofLogs(sizes, errors)).isCloseTo(solver.order(), within(0.25));
    }

    @ParameterizedTest
    @EnumSource
    void negativeStepsLeadBack(OdeSolver solver) {
        double there = solve(solver, new TimeInterval(0, 1), 256, 1);
        assertThat(solve(solver, new TimeInterval(1, 0), 256, there)).isCloseTo(1, within(0.02 / solver.order()));
    }

    @ParameterizedTest
    @EnumSource
    void aStepEvaluatesAsOftenAsStated(OdeSolver solver) {
        try (Scope scope = Scope.open()) {
            int[] calls = {0};
            Ode f = (t, x) -> {
                calls[0]++;
                return new Ode.Slope(x.neg());
            };
            solver.step(f, PerSample.of(0.1), PerSample.of(0.2), Tensors.of(new double[] {1}, 1));
            assertThat(calls[0]).isEqualTo(solver.evaluationsPerStep());
        }
    }

    private static double solve(OdeSolver solver, TimeInterval interval, int steps, double start) {
        try (Scope scope = Scope.open()) {
            Ode f = (t, x) -> new Ode.Slope(t.map(s -> -2 * s).scale(x.square()));
            TimeGrid grid = new TimeGrid(interval, steps + 1);
            Tensor x = Tensors.of(new double[] {start}, 1);
            for (int i = 0; i < grid.steps(); i++) {
                x = solver.step(f, PerSample.of(grid.time(i)), PerSample.of(grid.dt(i)), x)
                        .state();
            }
            return Tensors.scalar(x);
        }
    }
}
