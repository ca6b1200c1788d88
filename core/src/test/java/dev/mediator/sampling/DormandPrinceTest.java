package dev.mediator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.TimeInterval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DormandPrinceTest {
    /** dx/dt = −2t·x², whose solution is 1/(1/x(0) + t²). */
    private static final Ode RATIONAL =
            (t, x) -> new Ode.Slope(t.map(s -> -2 * s).scale(x.square()));

    private static final DormandPrince.AttemptListener IGNORE = attempt -> {};

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-4, 1e-7, 1e-10})
    void theErrorFollowsTheTolerance(double tolerance) {
        for (ErrorNorm norm : ErrorNorm.values()) {
            double[] end = solve(new DormandPrince(tolerance, tolerance, norm), new TimeInterval(0, 1), 1, 3);
            assertThat(end[0]).isCloseTo(1 / 2.0, within(10 * tolerance));
            assertThat(end[1]).isCloseTo(1 / (1 / 3.0 + 1), within(10 * tolerance));
            assertThat(end[0]).isNotEqualTo(1 / 2.0);
        }
    }

    /** Steps pass it: the result is interpolated. */
    @ParameterizedTest
    @EnumSource
    void anyEndIsAsGood(ErrorNorm norm) {
        for (int i = 1; i <= 20; i++) {
            double t = i / 20.0;
            double[] values = solve(new DormandPrince(1e-7, 1e-7, norm), new TimeInterval(0, t), 1, 3);
            assertThat(values[0]).isCloseTo(1 / (1 + t * t), within(5e-6));
            assertThat(values[1]).isCloseTo(1 / (1 / 3.0 + t * t), within(5e-6));
        }
    }

    @ParameterizedTest
    @EnumSource
    void itAlsoRunsBackwards(ErrorNorm norm) {
        for (double end : new double[] {0.5, 0}) {
            double[] start = solve(new DormandPrince(1e-8, 1e-8, norm), new TimeInterval(1, end), 0.5, 0.5);
            assertThat(start[0]).isCloseTo(1 / (1 + end * end), within(1e-6));
        }
    }

    /** Bit for bit, though its neighbour needs many more steps. */
    @Test
    void aSampleMeasuredAloneDoesNotNoticeItsNeighbours() {
        DormandPrince solver = new DormandPrince(1e-5, 1e-5, ErrorNorm.PER_SAMPLE);
        TimeInterval whole = new TimeInterval(0, 1);
        double[] alone = solve(solver, whole, 0.5);
        double[] between = solve(solver, whole, 40, 0.5, 7);
        assertThat(between[1]).isEqualTo(alone[0]);
        double[] batchAlone = solve(new DormandPrince(1e-5, 1e-5, ErrorNorm.BATCH), whole, 0.5);
        double[] batchBetween = solve(new DormandPrince(1e-5, 1e-5, ErrorNorm.BATCH), whole, 40, 0.5, 7);
        assertThat(batchBetween[1]).isNotEqualTo(batchAlone[0]); // what the default is there to avoid
    }

    @Test
    void measuredAloneEachSampleTakesItsOwnStepsAndStopsAtTheEnd() {
        List<Double> times = new ArrayList<>();
        Ode listening = (t, x) -> {
            Arrays.stream(t.toArray()).forEach(times::add);
            return RATIONAL.at(t, x);
        };
        int[] moves = new int[2];
        try (Scope scope = Scope.open()) {
            new DormandPrince(1e-6, 1e-6, ErrorNorm.PER_SAMPLE)
                    .solve(listening, Tensors.of(new double[] {0.1, 50}, 2), new TimeInterval(0, 1), attempt -> {
                        for (int i = 0; i < 2; i++) {
                            moves[i] += attempt.reached().get(i) > attempt.t().get(i) ? 1 : 0;
                        }
                    });
        }
        assertThat(moves[1]).isGreaterThan(2 * moves[0]);
        assertThat(times).allMatch(t -> t >= 0 && t <= 1);
    }

    @Test
    void aDriftThatIsNeverFiniteIsReported() {
        DormandPrince solver = new DormandPrince(1e-3, 1e-6, ErrorNorm.PER_SAMPLE);
        assertThatThrownBy(() -> run(solver, (t, x) -> new Ode.Slope(x.div(new Scalar(0.0))), 1, 1))
                .isInstanceOf(SamplingException.class)
                .hasMessageContaining("rtol 0.001, atol 1.0E-6, error norm per-sample")
                .hasMessageContaining("not finite at the start");
    }

    /** dx/dt = x² reaches infinity at t = 1/x(0). */
    @ParameterizedTest
    @EnumSource
    void aSolutionThatBlowsUpIsReported(ErrorNorm norm) {
        DormandPrince solver = new DormandPrince(1e-6, 1e-6, norm);
        assertThatThrownBy(() -> run(solver, (t, x) -> new Ode.Slope(x.square()), 0.1, 2))
                .isInstanceOf(SamplingException.class)
                .hasMessageMatching("dopri5 .* stopped at t = 0\\.50000.* of sample .*: the step has shrunk to .*");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void tolerancesMustBePositive(double tolerance) {
        assertThatThrownBy(() -> new DormandPrince(tolerance, 1e-6, ErrorNorm.BATCH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rtol is " + tolerance + ", allowed are finite numbers above 0");
        assertThatThrownBy(() -> OdeConfig.of(OdeSolver.DOPRI5, 2).withTolerances(1e-3, tolerance))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("atol is " + tolerance);
    }

    private static double[] run(DormandPrince solver, Ode f, double... starts) {
        try (Scope scope = Scope.open()) {
            return Tensors.doubles(solver.solve(f, Tensors.of(starts, starts.length), new TimeInterval(0, 1), IGNORE));
        }
    }

    private static double[] solve(DormandPrince solver, TimeInterval interval, double... starts) {
        try (Scope scope = Scope.open()) {
            return Tensors.doubles(solver.solve(RATIONAL, Tensors.of(starts, starts.length), interval, IGNORE));
        }
    }
}
