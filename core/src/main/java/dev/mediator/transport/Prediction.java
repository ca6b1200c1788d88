package dev.mediator.transport;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import org.bytedeco.pytorch.Tensor;

/**
 * What a network predicts at (xt, t), and how the other quantities follow from it. With D = α̇σ − ασ̇ the two equations
 * xt = αx1 + σx0 and v = α̇x1 + σ̇x0 give x0 = (α̇·xt − α·v)/D and x1 = (σ·v − σ̇·xt)/D, and the score is −x0/σ; these are
 * the textbook conversions with numerator and denominator multiplied by α̇, which keeps them finite at t = 0.
 */
public enum Prediction {
    /** v = E[ut | xt]. */
    VELOCITY {
        @Override
        Blend velocity(InterpolantPath path, double t) {
            return SAME;
        }

        @Override
        Blend noise(InterpolantPath path, double t) {
            double d = path.wronskian(t);
            return new Blend(path.alphaDot(t) / d, -path.alpha(t) / d);
        }

        @Override
        Blend score(InterpolantPath path, double t) {
            return noise(path, t).times(-1 / path.sigma(t));
        }

        @Override
        Blend data(InterpolantPath path, double t) {
            double d = path.wronskian(t);
            return new Blend(-path.sigmaDot(t) / d, path.sigma(t) / d);
        }
    },

    /** ∇log p(xt). */
    SCORE {
        @Override
        Blend velocity(InterpolantPath path, double t) {
            return new Blend(path.alphaRatio(t), path.scoreWeight(t));
        }

        @Override
        Blend noise(InterpolantPath path, double t) {
            return new Blend(0, -path.sigma(t));
        }

        @Override
        Blend score(InterpolantPath path, double t) {
            return SAME;
        }

        @Override
        Blend data(InterpolantPath path, double t) {
            double sigma = path.sigma(t);
            return new Blend(1, sigma * sigma).times(1 / path.alpha(t));
        }
    },

    /** E[x0 | xt]. */
    NOISE {
        @Override
        Blend velocity(InterpolantPath path, double t) {
            return new Blend(path.alphaRatio(t), -path.wronskian(t) / path.alpha(t));
        }

        @Override
        Blend noise(InterpolantPath path, double t) {
            return SAME;
        }

        @Override
        Blend score(InterpolantPath path, double t) {
            return new Blend(0, -1 / path.sigma(t));
        }

        @Override
        Blend data(InterpolantPath path, double t) {
            return new Blend(1, -path.sigma(t)).times(1 / path.alpha(t));
        }
    };

    private static final Blend SAME = new Blend(0, 1);

    abstract Blend velocity(InterpolantPath path, double t);

    abstract Blend noise(InterpolantPath path, double t);

    abstract Blend score(InterpolantPath path, double t);

    abstract Blend data(InterpolantPath path, double t);

    /**
     * Converts a prediction of this kind into another; converting back gives the same values.
     *
     * <p>Conversions divide by σ or α where the quantity asked for does: the score is infinite at t = 1, and score and
     * noise do not tell the velocity at t = 0 of LINEAR and GVP.
     *
     * @param target the kind asked for
     * @param t time of each sample
     * @param xt where the prediction was made [B, ...]
     * @param predicted a prediction of this kind [B, ...]
     */
    public Tensor convert(Prediction target, InterpolantPath path, PerSample t, Tensor xt, Tensor predicted) {
        if (target == this) {
            return predicted;
        }
        return switch (target) {
            case VELOCITY -> mix(t, xt, predicted, s -> velocity(path, s));
            case SCORE -> mix(t, xt, predicted, s -> score(path, s));
            case NOISE -> mix(t, xt, predicted, s -> noise(path, s));
        };
    }

    /** The data that a prediction of this kind points at, E[x1 | xt], [B, ...]: Tweedie's formula. */
    public Tensor denoise(InterpolantPath path, PerSample t, Tensor xt, Tensor predicted) {
        return mix(t, xt, predicted, s -> data(path, s));
    }

    /** The word for this prediction in JSON and on the command line. */
    @JsonValue
    public String label() {
        return Labels.of(this);
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static Prediction parse(String text) {
        return Labels.parse(Prediction.class, "prediction", text);
    }

    private interface BlendAt {
        Blend at(double t);
    }

    private static Tensor mix(PerSample t, Tensor xt, Tensor predicted, BlendAt blend) {
        Tensor ofPrediction = t.map(s -> blend.at(s).ofPrediction()).scale(predicted);
        return t.map(s -> blend.at(s).ofState()).scale(xt).add(ofPrediction);
    }
}
