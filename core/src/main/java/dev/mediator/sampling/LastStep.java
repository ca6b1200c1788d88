package dev.mediator.sampling;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.transport.Labels;
import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.Tensor;

/** How an SDE covers the last stretch to t = 1, where the score is infinite: one step without noise. */
public enum LastStep {
    /** The mean of an SDE step, x + (v + w·s)·size. The default. */
    MEAN {
        @Override
        Tensor apply(ReverseSde sde, PerSample t, PerSample size, Tensor x) {
            return x.add(size.scale(sde.drift(t, x)));
        }
    },
    /** An Euler step of the ODE, x + v·size. */
    EULER {
        @Override
        Tensor apply(ReverseSde sde, PerSample t, PerSample size, Tensor x) {
            return x.add(size.scale(sde.field().at(t, x)));
        }
    },
    /** Tweedie's formula, x/α + (σ²/α)·s: the expected data, E[x1 | x]. */
    TWEEDIE {
        @Override
        Tensor apply(ReverseSde sde, PerSample t, PerSample size, Tensor x) {
            return sde.field().estimate(t, x).denoised();
        }
    },
    /** No last step: the steps themselves go on to 1 − ε. */
    NONE {
        @Override
        Tensor apply(ReverseSde sde, PerSample t, PerSample size, Tensor x) {
            return x;
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

    /** Takes the step from 1 − size, where the state is x [B, C, H, W]. */
    abstract Tensor apply(ReverseSde sde, PerSample t, PerSample size, Tensor x);

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
