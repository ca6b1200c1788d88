package dev.mediator.sampling;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Sampling by the probability-flow ODE dx = v dt.
 *
 * @param solver how steps are taken
 * @param points K points make K − 1 equal steps before the last step; solvers that choose their own steps ignore it
 * @param rtol relative tolerance of solvers that choose their own steps, above 0
 * @param atol absolute tolerance of solvers that choose their own steps, above 0
 * @param errorNorm over what such a solver measures its error
 * @param lastStep how the last stretch to t = 1 is covered: {@link LastStep#EULER}, {@link LastStep#TWEEDIE}, or {@link
 *     LastStep#NONE} where the solver's own steps go on to the end
 * @param lastStepSize length of that stretch, above 0 and below 1; 0 if there is no last step
 */
public record OdeConfig(
        OdeSolver solver,
        int points,
        double rtol,
        double atol,
        ErrorNorm errorNorm,
        LastStep lastStep,
        double lastStepSize)
        implements SamplerConfig {
    /** The relative tolerance of SiT's ODE sampler. */
    public static final double DEFAULT_RTOL = 1e-3;

    /** The absolute tolerance of SiT's ODE sampler. */
    public static final double DEFAULT_ATOL = 1e-6;

    /** The midpoint rule at 5 points: 8 evaluations. {@code docs/sampling.md} says how it was chosen. */
    public static final OdeConfig DEFAULT = of(OdeSolver.MIDPOINT);

    /** Checks points, tolerances and the last step. */
    public OdeConfig {
        requirePoints(points);
        new DormandPrince(rtol, atol, errorNorm); // checks the tolerances
        if (lastStep == LastStep.MEAN) {
            throw new IllegalArgumentException(
                    "last step is 'mean', which belongs to an SDE; allowed for an ODE are euler, tweedie and none");
        }
        lastStep.requireSize(lastStepSize);
    }

    /** A solver at its default number of points, see {@link #of(OdeSolver, int)}. */
    public static OdeConfig of(OdeSolver solver) {
        return of(solver, solver.defaultPoints());
    }

    /** A solver at this many points, with the default tolerances, each sample measured alone, and its default last step. */
    public static OdeConfig of(OdeSolver solver, int points) {
        LastStep last = solver.defaultLastStep();
        return new OdeConfig(
                solver, points, DEFAULT_RTOL, DEFAULT_ATOL, ErrorNorm.PER_SAMPLE, last, last.defaultSize());
    }

    /** Reads a stored configuration. Those written before there was a last step have none, and mean what they meant. */
    @JsonCreator
    static OdeConfig read(
            OdeSolver solver,
            int points,
            double rtol,
            double atol,
            ErrorNorm errorNorm,
            @Nullable LastStep lastStep,
            @Nullable Double lastStepSize) {
        LastStep last = lastStep == null ? LastStep.NONE : lastStep;
        double size = lastStepSize == null ? last.defaultSize() : lastStepSize;
        return new OdeConfig(solver, points, rtol, atol, errorNorm, last, size);
    }

    /** The same with another number of points. */
    public OdeConfig withPoints(int newPoints) {
        return new OdeConfig(solver, newPoints, rtol, atol, errorNorm, lastStep, lastStepSize);
    }

    /** The same with other tolerances. */
    public OdeConfig withTolerances(double newRtol, double newAtol) {
        return new OdeConfig(solver, points, newRtol, newAtol, errorNorm, lastStep, lastStepSize);
    }

    /** The same with another last step, of its default size. */
    public OdeConfig withLastStep(LastStep newLastStep) {
        return new OdeConfig(solver, points, rtol, atol, errorNorm, newLastStep, newLastStep.defaultSize());
    }

    @Override
    public TimeInterval interval(Transport transport) {
        TimeInterval whole = transport.odeInterval();
        if (lastStep == LastStep.NONE) {
            return whole;
        }
        if (!(1 - lastStepSize > whole.start())) {
            throw new IllegalArgumentException("the last step has size " + lastStepSize + ", allowed is less than "
                    + (1 - whole.start()) + " on this path, so that steps remain before it");
        }
        return new TimeInterval(whole.start(), 1 - lastStepSize);
    }

    @Override
    public boolean isAdaptive() {
        return solver.isAdaptive();
    }

    @Override
    public boolean isStochastic() {
        return false;
    }

    @Override
    public double[] stageTimes(double t, double dt) {
        return solver.evaluationTimes(t, dt);
    }

    @Override
    public String summary() {
        String steps = solver.isAdaptive()
                ? ", rtol " + rtol + ", atol " + atol + ", error norm " + errorNorm.label()
                : ", " + points + " points";
        return "ODE " + solver.label() + steps
                + (lastStep == solver.defaultLastStep() && lastStepSize == lastStep.defaultSize()
                        ? ""
                        : ", " + lastStep.summary(lastStepSize));
    }

    @Override
    public Tensor integrate(FlowField field, Tensor x0, NoiseSource noise, StepObserver observer) {
        return integrate(field, field, x0, interval(field.transport()), observer);
    }

    @Override
    public Tensor reverse(FlowField field, Tensor x1, StepObserver observer) {
        return reverse(field, field, x1, observer);
    }

    /** Integrates any function of the field from data to noise; {@code widths} as in {@link DormandPrince#solve}. */
    Tensor reverse(FlowField field, Ode f, Tensor x, StepObserver observer, int... widths) {
        OdeConfig whole = withLastStep(LastStep.NONE);
        return whole.integrate(field, f, x, whole.interval(field.transport()).reversed(), observer, widths);
    }

    private Tensor integrate(
            FlowField field, Ode f, Tensor x, TimeInterval interval, StepObserver observer, int... widths) {
        try (SamplingRun run = new SamplingRun(field, this, x, observer)) {
            if (solver.isAdaptive()) {
                run.adaptive(new DormandPrince(rtol, atol, errorNorm), f, interval, widths);
            } else {
                run.fixed(new TimeGrid(interval, points), (step, t, dt, state) -> solver.step(f, t, dt, state));
            }
            return run.finish(f, interval.end(), lastStepSize);
        }
    }

    static void requirePoints(int points) {
        if (points < 2 || points > 1_000_000) {
            throw new IllegalArgumentException("points is " + points + ", allowed are 2 to 1000000");
        }
    }
}
