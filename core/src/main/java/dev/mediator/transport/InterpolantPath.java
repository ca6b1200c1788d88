package dev.mediator.transport;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import org.bytedeco.pytorch.Tensor;

/**
 * How noise and data are mixed at time t: xt = α(t)·x1 + σ(t)·x0, from pure noise at t = 0 to data at t = 1. All
 * coefficients are fp64 functions of one time; VP's are written so that none loses digits to cancellation.
 */
public enum InterpolantPath {
    /** α = t, σ = 1 − t: straight lines, the default of flow matching. */
    LINEAR {
        @Override
        public double alpha(double t) {
            return t;
        }

        @Override
        public double sigma(double t) {
            return 1 - t;
        }

        @Override
        public double alphaDot(double t) {
            return 1;
        }

        @Override
        public double sigmaDot(double t) {
            return -1;
        }

        @Override
        public double alphaRatio(double t) {
            return 1 / t;
        }

        @Override
        double wronskian(double t) {
            return 1;
        }
    },

    /** α = sin(πt/2), σ = cos(πt/2): keeps the variance when the data has unit variance. */
    GVP {
        @Override
        public double alpha(double t) {
            return Math.sin(HALF_PI * t);
        }

        @Override
        public double sigma(double t) {
            return Math.cos(HALF_PI * t);
        }

        @Override
        public double alphaDot(double t) {
            return HALF_PI * Math.cos(HALF_PI * t);
        }

        @Override
        public double sigmaDot(double t) {
            return -HALF_PI * Math.sin(HALF_PI * t);
        }

        @Override
        public double alphaRatio(double t) {
            return HALF_PI / Math.tan(HALF_PI * t);
        }

        @Override
        double wronskian(double t) {
            return HALF_PI;
        }
    },

    /**
     * The variance-preserving diffusion of DDPM in continuous time, α = exp(ℓ), σ = √(1 − exp(2ℓ)) with ℓ = −¼(1−t)²(β₁−β₀)
     * − ½(1−t)β₀, β₀ = 0.1, β₁ = 20. Unlike the others it does not reach α = 0 at t = 0 (α is 0.0066 there).
     */
    VP {
        @Override
        public double alpha(double t) {
            return Math.exp(logAlpha(t));
        }

        @Override
        public double sigma(double t) {
            return Math.sqrt(-Math.expm1(2 * logAlpha(t)));
        }

        @Override
        public double alphaDot(double t) {
            return alphaRatio(t) * alpha(t);
        }

        @Override
        public double sigmaDot(double t) {
            return -alphaRatio(t) * Math.exp(2 * logAlpha(t)) / sigma(t);
        }

        @Override
        public double alphaRatio(double t) {
            return 0.5 * (BETA_MIN + (1 - t) * (BETA_MAX - BETA_MIN));
        }

        @Override
        double wronskian(double t) {
            return alphaDot(t) / sigma(t);
        }

        @Override
        public double scoreWeight(double t) {
            return alphaRatio(t); // the σ cancel, which matters where they are 0
        }

        private double logAlpha(double t) {
            double s = 1 - t;
            return -0.25 * s * s * (BETA_MAX - BETA_MIN) - 0.5 * s * BETA_MIN;
        }
    };

    private static final double HALF_PI = Math.PI / 2;
    private static final double BETA_MIN = 0.1;
    private static final double BETA_MAX = 20;

    /** Share of data, α(t). */
    public abstract double alpha(double t);

    /** Share of noise, σ(t). */
    public abstract double sigma(double t);

    /** dα/dt. */
    public abstract double alphaDot(double t);

    /** dσ/dt; infinite at t = 1 for VP. */
    public abstract double sigmaDot(double t);

    /** α̇/α; infinite at t = 0 for LINEAR and GVP. */
    public abstract double alphaRatio(double t);

    /**
     * α̇σ − ασ̇, the determinant of (x0, x1) → (xt, ut): every conversion between velocity and noise divides by it, and it
     * is finite where α̇/α is not.
     */
    abstract double wronskian(double t);

    /**
     * g(t) = (α̇/α)σ² − σσ̇: the probability-flow drift is (α̇/α)·x + g·score, and g is the diffusion of {@code sbdm}.
     * Infinite at t = 0 for LINEAR and GVP.
     */
    public double scoreWeight(double t) {
        return sigma(t) * wronskian(t) / alpha(t);
    }

    /** True if α(0) = 0, where the score alone no longer tells the velocity and g is infinite. */
    public boolean isSingularAtNoise() {
        return alpha(0) == 0;
    }

    /** Probability-flow drift from a score: (α̇/α)·x + g·score, [B, ...]. */
    public Tensor drift(PerSample t, Tensor x, Tensor score) {
        return t.map(this::alphaRatio).scale(x).add(t.map(this::scoreWeight).scale(score));
    }

    /** The noised sample xt = α·x1 + σ·x0, [B, ...]. */
    public Tensor xt(PerSample t, Tensor x0, Tensor x1) {
        return t.map(this::alpha).scale(x1).add(t.map(this::sigma).scale(x0));
    }

    /** The velocity ut = α̇·x1 + σ̇·x0 of the path through x0 and x1, [B, ...]. */
    public Tensor ut(PerSample t, Tensor x0, Tensor x1) {
        return t.map(this::alphaDot).scale(x1).add(t.map(this::sigmaDot).scale(x0));
    }

    /** The word for this path in JSON and on the command line. */
    @JsonValue
    public String label() {
        return Labels.of(this);
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static InterpolantPath parse(String text) {
        return Labels.parse(InterpolantPath.class, "path", text);
    }
}
