package dev.mediator.sampling;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.transport.Labels;
import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.Tensor;

/** Solvers of SDEs with additive noise. A step is a pure function of state and noise. */
public enum SdeSolver {
    /** Euler-Maruyama: x + f dt + √(2w dt)·ξ. One evaluation per step, weak order 1. */
    EULER {
        @Override
        public Ode.Step step(Sde sde, PerSample t, PerSample dt, Tensor x, Tensor noise) {
            Ode.Slope drift = sde.at(t, x);
            return new Ode.Step(x.add(dt.scale(drift.value())).add(diffuse(sde, t, dt, noise)), drift.estimate());
        }
    },

    /**
     * Stochastic Heun: the noise first, then a Heun step of the drift. Two evaluations per step; the mean converges with
     * order 2, the variance, since the noise comes before the drift, with order 1.
     */
    HEUN {
        @Override
        public Ode.Step step(Sde sde, PerSample t, PerSample dt, Tensor x, Tensor noise) {
            return OdeSolver.HEUN.step(sde, t, dt, x.add(diffuse(sde, t, dt, noise)));
        }
    };

    /** An SDE dx = f(t, x) dt + √(2w(t)) dW whose noise does not depend on the state; as an {@link Ode} it is its drift f. */
    public interface Sde extends Ode {
        /** The diffusion w(t), 0 or more. */
        double diffusion(double t);
    }

    /** Weak order of convergence: how the error of mean and variance over a fixed interval falls with dt. */
    public int order() {
        return 1;
    }

    /** Network evaluations of one step. */
    public int evaluationsPerStep() {
        return this == HEUN ? 2 : 1;
    }

    /** Times at which a step from {@code t} to t + dt evaluates the network. */
    double[] evaluationTimes(double t, double dt) {
        return this == HEUN ? OdeSolver.HEUN.evaluationTimes(t, dt) : new double[] {t};
    }

    /**
     * One step.
     *
     * @param sde drift and diffusion
     * @param t where each sample stands
     * @param dt step of each sample, above 0
     * @param x state [B, ...] at {@code t}
     * @param noise standard normal noise [B, ...]
     */
    public abstract Ode.Step step(Sde sde, PerSample t, PerSample dt, Tensor x, Tensor noise);

    /** The word for this solver in JSON and on the command line. */
    @JsonValue
    public String label() {
        return Labels.of(this);
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static SdeSolver parse(String text) {
        return Labels.parse(SdeSolver.class, "SDE solver", text);
    }

    private static Tensor diffuse(Sde sde, PerSample t, PerSample dt, Tensor noise) {
        return t.combine(dt, (from, step) -> Math.sqrt(2 * sde.diffusion(from) * step))
                .scale(noise);
    }
}
