package dev.mediator.sampling;

import dev.mediator.transport.PerSample;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Sampling by the probability-flow ODE dx = v dt.
 *
 * @param solver how steps are taken
 * @param points K points make K − 1 equal steps; solvers that choose their own steps ignore it
 * @param rtol relative tolerance of solvers that choose their own steps, above 0
 * @param atol absolute tolerance of solvers that choose their own steps, above 0
 * @param errorNorm over what such a solver measures its error
 */
public record OdeConfig(OdeSolver solver, int points, double rtol, double atol, ErrorNorm errorNorm)
        implements SamplerConfig {
    /** As many points as SiT's ODE sampler takes. */
    public static final int DEFAULT_POINTS = 50;

    /** The relative tolerance of SiT's ODE sampler. */
    public static final double DEFAULT_RTOL = 1e-3;

    /** The absolute tolerance of SiT's ODE sampler. */
    public static final double DEFAULT_ATOL = 1e-6;

    /** Heun's method at 50 points: 98 evaluations. */
    public static final OdeConfig DEFAULT = of(OdeSolver.HEUN, DEFAULT_POINTS);

    /** Checks points and tolerances. */
    public OdeConfig {
        requirePoints(points);
        new DormandPrince(rtol, atol, errorNorm); // checks the tolerances
    }

    /** A solver at this many points, with the default tolerances, each sample measured alone. */
    public static OdeConfig of(OdeSolver solver, int points) {
        return new OdeConfig(solver, points, DEFAULT_RTOL, DEFAULT_ATOL, ErrorNorm.PER_SAMPLE);
    }

    /** The same with another number of points. */
    public OdeConfig withPoints(int newPoints) {
        return new OdeConfig(solver, newPoints, rtol, atol, errorNorm);
    }

    /** The same with other tolerances. */
    public OdeConfig withTolerances(double newRtol, double newAtol) {
        return new OdeConfig(solver, points, newRtol, newAtol, errorNorm);
    }

    @Override
    public TimeInterval interval(Transport transport) {
        return transport.odeInterval();
    }

    @Override
    public OptionalInt plannedSteps() {
        return solver.isAdaptive() ? OptionalInt.empty() : OptionalInt.of(points - 1);
    }

    @Override
    public OptionalLong plannedEvaluations() {
        return solver.isAdaptive()
                ? OptionalLong.empty()
                : OptionalLong.of((points - 1L) * solver.evaluationsPerStep());
    }

    @Override
    public Optional<List<double[]>> evaluationTimes(Transport transport) {
        if (solver.isAdaptive()) {
            return Optional.empty();
        }
        TimeGrid grid = TimeGrid.uniform(interval(transport), points);
        return Optional.of(IntStream.range(0, grid.steps())
                .mapToObj(i -> solver.evaluationTimes(grid.start(i), grid.dt(i)))
                .toList());
    }

    @Override
    public String summary() {
        return solver.isAdaptive()
                ? "ODE " + solver.label() + ", rtol " + rtol + ", atol " + atol + ", error norm " + errorNorm.label()
                : "ODE " + solver.label() + ", " + points + " points";
    }

    @Override
    public Tensor integrate(FlowField field, Tensor x0, NoiseSource noise, StepObserver observer) {
        return integrate(field, field, x0, interval(field.transport()), observer, sampleSize(x0));
    }

    /** The same from any end of any interval, for any function of the field; columns as in {@link ErrorNorm}. */
    Tensor integrate(
            FlowField field, OdeFunction f, Tensor x, TimeInterval interval, StepObserver observer, int... widths) {
        try (SamplingRun run = new SamplingRun(field, this, x, observer)) {
            return solver.isAdaptive() ? adaptive(run, field, f, x, interval, widths) : fixed(run, f, interval);
        }
    }

    static int sampleSize(Tensor x) {
        return Math.toIntExact(x.numel() / x.size(0));
    }

    static void requirePoints(int points) {
        if (points < 2 || points > 1_000_000) {
            throw new IllegalArgumentException("points is " + points + ", allowed are 2 to 1000000");
        }
    }

    private Tensor fixed(SamplingRun run, OdeFunction f, TimeInterval interval) {
        TimeGrid grid = TimeGrid.uniform(interval, points);
        for (int i = 0; i < grid.steps(); i++) {
            double t = grid.start(i);
            double dt = grid.dt(i);
            run.step(t, dt, false, x -> {
                int batch = Math.toIntExact(x.size(0));
                return solver.step(f, PerSample.uniform(batch, t), PerSample.uniform(batch, dt), x);
            });
        }
        return run.result();
    }

    private Tensor adaptive(
            SamplingRun run, FlowField field, OdeFunction f, Tensor x, TimeInterval interval, int... widths) {
        TimeGrid ends = TimeGrid.uniform(interval, 2);
        List<Tensor> results = new DormandPrince(rtol, atol, errorNorm)
                .solve(
                        f,
                        x,
                        ends,
                        attempt -> {
                            PerSample dt = attempt.reached().minus(attempt.t());
                            if (!dt.equals(dt.map(s -> 0))) {
                                run.report(attempt.t(), dt, attempt.state(), field.latest(), false);
                            }
                        },
                        widths);
        return results.get(0);
    }
}
