package dev.mediator.sampling;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Labels;

/**
 * The diffusion w(t) of the SDE, for a norm c. It may be chosen freely after training (SiT, arXiv 2401.08740): more noise
 * forgets more of the errors made so far and costs accuracy per step.
 */
public enum DiffusionForm {
    /** c. */
    CONSTANT {
        @Override
        public double diffusion(InterpolantPath path, double norm, double t) {
            return norm;
        }
    },
    /** c·g(t), the score-based diffusion model of the path. Infinite at t = 0 of linear and GVP paths. */
    SBDM {
        @Override
        public double diffusion(InterpolantPath path, double norm, double t) {
            return norm * path.scoreWeight(t);
        }
    },
    /** c·σ(t): fades out as the noise does. The default. */
    SIGMA {
        @Override
        public double diffusion(InterpolantPath path, double norm, double t) {
            return norm * path.sigma(t);
        }
    },
    /** c·(1 − t). */
    LINEAR {
        @Override
        public double diffusion(InterpolantPath path, double norm, double t) {
            return norm * (1 - t);
        }
    },
    /** ¼(c·cos πt + 1)²; the norm is inside. */
    DECREASING {
        @Override
        public double diffusion(InterpolantPath path, double norm, double t) {
            double root = norm * Math.cos(Math.PI * t) + 1;
            return 0.25 * root * root;
        }
    },
    /** c·sin²(πt). */
    INCREASING_DECREASING {
        @Override
        public double diffusion(InterpolantPath path, double norm, double t) {
            double sine = Math.sin(Math.PI * t);
            return norm * sine * sine;
        }
    };

    /** w(t). */
    public abstract double diffusion(InterpolantPath path, double norm, double t);

    /** True for the form made of g(t), which needs a start after t = 0 on some paths. */
    public boolean usesScoreWeight() {
        return this == SBDM;
    }

    /** The word for this form in JSON and on the command line. */
    @JsonValue
    public String label() {
        return Labels.of(this);
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static DiffusionForm parse(String text) {
        return Labels.parse(DiffusionForm.class, "diffusion form", text);
    }
}
