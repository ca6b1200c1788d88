package dev.mediator.transport;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Weight of a sample's squared residual, as a function of its time, for networks that predict score or noise. With g the
 * diffusion of the path, {@code velocity} makes the loss that of the velocity and {@code likelihood} bounds the
 * log-likelihood (Song et al., "Maximum Likelihood Training of Score-Based Diffusion Models", arXiv 2101.09258).
 */
public enum LossWeighting {
    /** 1: all times count the same. */
    NONE {
        @Override
        public double weight(InterpolantPath path, double t) {
            return 1;
        }
    },
    /** (g/σ)². */
    VELOCITY {
        @Override
        public double weight(InterpolantPath path, double t) {
            double root = path.scoreWeight(t) / path.sigma(t);
            return root * root;
        }
    },
    /** g/σ². */
    LIKELIHOOD {
        @Override
        public double weight(InterpolantPath path, double t) {
            double sigma = path.sigma(t);
            return path.scoreWeight(t) / (sigma * sigma);
        }
    };

    /** Weight of a sample at time {@code t}. */
    public abstract double weight(InterpolantPath path, double t);

    /** The word for this weighting in JSON and on the command line. */
    @JsonValue
    public String label() {
        return Labels.of(this);
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static LossWeighting parse(String text) {
        return Labels.parse(LossWeighting.class, "loss weighting", text);
    }
}
