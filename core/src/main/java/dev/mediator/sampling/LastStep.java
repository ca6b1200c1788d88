package dev.mediator.sampling;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.Labels;
import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.Tensor;

/**
 * How a sampler covers the last stretch to t = 1: one step, without noise, from where the steps before it end. At t = 1 the
 * score is infinite, and a network there was hardly trained and cannot tell noise from data: what it answers would be added
 * to the picture. So t = 1 is approached and never evaluated, as in Karras et al. (arXiv 2206.00364, algorithm 1), whose last
 * step is an Euler step.
 */
public enum LastStep {
    /** The mean of an SDE step, x + (v + w·s)·size. The default of an SDE, and not for an ODE. */
    MEAN {
        @Override
        Ode.Step apply(FlowField field, Ode drift, PerSample t, PerSample size, Tensor x) {
            return euler(drift, t, size, x);
        }
    },
    /** An Euler step of the ODE, x + v·size. The default of ODE solvers that would evaluate the network at t = 1. */
    EULER {
        @Override
        Ode.Step apply(FlowField field, Ode drift, PerSample t, PerSample size, Tensor x) {
            return euler(field, t, size, x);
        }
    },
    /** Tweedie's formula, x/α + (σ²/α)·s: the expected data, E[x1 | x]. */
    TWEEDIE {
        @Override
        Ode.Step apply(FlowField field, Ode drift, PerSample t, PerSample size, Tensor x) {
            Estimate estimate = field.estimate(t, x);
            return new Ode.Step(estimate.denoised(), estimate);
        }
    },
    /** No last step: the steps themselves go on to t = 1, or to 1 − ε where a coefficient is infinite at t = 1. */
    NONE {
        @Override
        Ode.Step apply(FlowField field, Ode drift, PerSample t, PerSample size, Tensor x) {
            throw new IllegalStateException("there is no last step");
        }
    };

    /** The size used when none is given: 0.04, or 0 without last step. */
    public double defaultSize() {
        return this == NONE ? 0 : 0.04;
    }

    /** Network evaluations of this step. */
    public int evaluations() {
        return this == NONE ? 0 : 1;
    }

    /** @throws IllegalArgumentException if a step of this kind cannot have this size */
    void requireSize(double size) {
        if (this == NONE ? size != 0 : !(size > 0 && size < 1)) {
            throw new IllegalArgumentException("last step size is " + size + " with last step '" + label()
                    + "', allowed is " + (this == NONE ? "0" : "more than 0 and less than 1"));
        }
    }

    /** The words for this step and its size in a sampler's summary. */
    String summary(double size) {
        return "last step " + label() + (this == NONE ? "" : " of size " + size);
    }

    /**
     * Takes the step from 1 − size.
     *
     * @param drift of the equation that is integrated
     * @param x the state there [B, C, H, W]
     */
    abstract Ode.Step apply(FlowField field, Ode drift, PerSample t, PerSample size, Tensor x);

    private static Ode.Step euler(Ode f, PerSample t, PerSample size, Tensor x) {
        Ode.Slope slope = f.at(t, x);
        return new Ode.Step(x.add(size.scale(slope.value())), slope.estimate());
    }

    /** The word for this step in JSON and on the command line. */
    @JsonValue
    public String label() {
        return Labels.of(this);
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static LastStep parse(String text) {
        return Labels.parse(LastStep.class, "last step", text);
    }
}
