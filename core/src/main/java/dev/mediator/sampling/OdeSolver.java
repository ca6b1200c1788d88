package dev.mediator.sampling;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.transport.Labels;
import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.Tensor;

/** Explicit Runge-Kutta methods. A step is a pure function; the error over a fixed interval falls like dt^order. */
public enum OdeSolver {
    /** Euler's method: order 1, one evaluation per step. */
    EULER(16),
    /** The midpoint rule: order 2, two evaluations per step. */
    MIDPOINT(5),
    /** Heun's method, the explicit trapezoid: order 2, two evaluations per step. */
    HEUN(8),
    /** Heun's third-order method: three evaluations per step. */
    HEUN3(5),
    /** Kutta's 3/8 rule: order 4, four evaluations per step. */
    RK4(4),
    /** Dormand-Prince 5(4): order 5, chooses its steps by an error estimate, six evaluations per attempted step. */
    DOPRI5(2);

    private final int defaultPoints;

    OdeSolver(int defaultPoints) {
        this.defaultPoints = defaultPoints;
    }

    /** Points in time when none are asked for: what gives good pictures for 8 to 15 evaluations. */
    public int defaultPoints() {
        return defaultPoints;
    }

    /** An Euler step for solvers that would evaluate the network at t = 1, none for the others. */
    public LastStep defaultLastStep() {
        return tableau().evaluatesEnd() ? LastStep.EULER : LastStep.NONE;
    }

    /** Order of convergence. */
    public int order() {
        return tableau().order();
    }

    /** Network evaluations of one step. */
    public int evaluationsPerStep() {
        return tableau().stages();
    }

    /** Times at which a step from {@code t} to t + dt evaluates the network. */
    double[] evaluationTimes(double t, double dt) {
        return tableau().times(t, dt);
    }

    /** True if the solver chooses its own steps, so that tolerances apply and the cost depends on the network. */
    public boolean isAdaptive() {
        return this == DOPRI5;
    }

    /**
     * One step of a given size.
     *
     * @param f right-hand side
     * @param t where each sample stands
     * @param dt signed step of each sample
     * @param x state [B, ...] at {@code t}
     */
    public Ode.Step step(Ode f, PerSample t, PerSample dt, Tensor x) {
        return tableau().step(f, t, dt, x);
    }

    /** The word for this solver in JSON and on the command line. */
    @JsonValue
    public String label() {
        return Labels.of(this);
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static OdeSolver parse(String text) {
        return Labels.parse(OdeSolver.class, "ODE solver", text);
    }

    private ButcherTableau tableau() {
        return switch (this) {
            case EULER -> ButcherTableau.EULER;
            case MIDPOINT -> ButcherTableau.MIDPOINT;
            case HEUN -> ButcherTableau.HEUN;
            case HEUN3 -> ButcherTableau.HEUN3;
            case RK4 -> ButcherTableau.RK4;
            case DOPRI5 -> ButcherTableau.DORMAND_PRINCE;
        };
    }
}
