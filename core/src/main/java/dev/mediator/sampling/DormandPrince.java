package dev.mediator.sampling;

import dev.mediator.transport.PerSample;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adaptive integration with the embedded Runge-Kutta pair of Dormand and Prince (1980), order 5 with an error estimate of
 * order 4. A step is accepted if its error, in units of atol + rtol·max(|x before|, |x after|), has a root mean square of at
 * most 1; the next step aims at an error of 0.9⁵.
 *
 * <p>First step, error weights (Shampine's), step control and dense output are those of torchdiffeq, so that with {@link
 * ErrorNorm#BATCH} a run takes the same steps. With {@link ErrorNorm#PER_SAMPLE} each sample has its own step size and
 * acceptance while evaluations stay batched; a sample that has arrived stays in the batch, unmoved, until all have.
 *
 * @param rtol relative tolerance, above 0
 * @param atol absolute tolerance, above 0
 * @param norm over what the error is measured
 */
public record DormandPrince(double rtol, double atol, ErrorNorm norm) {
    private static final double[] ERROR_WEIGHTS = {
        35.0 / 384 - 1951.0 / 21600,
        0,
        500.0 / 1113 - 22642.0 / 50085,
        125.0 / 192 - 451.0 / 720,
        -2187.0 / 6784 + 12231.0 / 42400,
        11.0 / 84 - 649.0 / 6300,
        -1.0 / 60
    };
    private static final double SAFETY = 0.9;
    private static final double MAX_GROWTH = 10;
    private static final double MAX_SHRINKAGE = 0.2;
    private static final int ERROR_ORDER = 5;

    /** Checks the tolerances. */
    public DormandPrince {
        requireTolerance("rtol", rtol);
        requireTolerance("atol", atol);
    }

    /**
     * One attempted step of the whole batch.
     *
     * @param t where each sample stood
     * @param dt what was attempted, 0 for samples that had arrived
     * @param errorRatio error in units of the tolerance, accepted up to 1
     * @param reached where each sample stands now, {@code t} if its step was rejected
     * @param state the state there [B, ...]
     */
    public record Attempt(PerSample t, PerSample dt, PerSample errorRatio, PerSample reached, Tensor state) {}

    /** Told of every attempted step. */
    @FunctionalInterface
    public interface AttemptListener {
        /** Called after each attempt; what it throws ends the run. */
        void onAttempt(Attempt attempt);
    }

    /**
     * Integrates over the outputs' times.
     *
     * @param f right-hand side
     * @param x0 state [B, ...] at the first time
     * @param outputs times at which the solution is wanted; they do not bound the steps
     * @return the solution at each time after the first, [B, ...] each
     * @throws SamplingException if the step size shrinks to nothing, as it does where f is not finite
     */
    public List<Tensor> solve(OdeFunction f, Tensor x0, TimeGrid outputs, AttemptListener listener) {
        return solve(f, x0, outputs, listener, Math.toIntExact(x0.numel() / x0.size(0)));
    }

    /** The same, with the error measured in groups of columns of the flattened state. */
    List<Tensor> solve(OdeFunction f, Tensor x0, TimeGrid outputs, AttemptListener listener, int... widths) {
        try (AdaptiveRun run = new AdaptiveRun(this, f, x0, outputs, widths)) {
            while (!run.hasArrived()) {
                run.attempt(listener);
            }
            return run.results();
        }
    }

    /** Error of a step in units of the tolerance. */
    PerSample errorRatio(List<Tensor> k, PerSample dt, Tensor before, Tensor after, int... widths) {
        Tensor error = dt.scale(ButcherTableau.combination(ERROR_WEIGHTS, k));
        return inTolerances(error, torch.maximum(before.abs(), after.abs()), widths);
    }

    /** Root mean square of a quantity in units of the tolerance at a state. */
    PerSample inTolerances(Tensor quantity, Tensor magnitude, int... widths) {
        Tensor tolerance = magnitude.mul(new Scalar(rtol)).add(new Scalar(atol));
        return norm.rootMeanSquare(quantity.div(tolerance).reshape(quantity.size(0), -1), widths);
    }

    /** By what the step size changes after an attempt with this error; an error that is not a number shrinks it. */
    static double stepFactor(double errorRatio) {
        if (errorRatio == 0) {
            return MAX_GROWTH;
        }
        if (!Double.isFinite(errorRatio)) {
            return MAX_SHRINKAGE;
        }
        double least = errorRatio < 1 ? 1 : MAX_SHRINKAGE;
        return Math.min(MAX_GROWTH, Math.max(SAFETY / Math.pow(errorRatio, 1.0 / ERROR_ORDER), least));
    }

    /** First guess of the step's length from the sizes of state and slope (Hairer, Nørsett, Wanner, vol. I, II.4). */
    static double probeLength(double stateSize, double slopeSize) {
        return stateSize < 1e-5 || slopeSize < 1e-5 ? 1e-6 : 0.01 * stateSize / slopeSize;
    }

    /** The first step's length, from the probe, the slope and its rate of change over the probe. */
    static double firstStepLength(double probe, double slopeSize, double slopeRate) {
        double length = slopeSize <= 1e-15 && slopeRate <= 1e-15
                ? Math.max(1e-6, probe * 1e-3)
                : Math.pow(0.01 / Math.max(slopeSize, slopeRate), 1.0 / ERROR_ORDER);
        return Math.min(100 * probe, length);
    }

    private static void requireTolerance(String name, double tolerance) {
        if (!(tolerance > 0 && tolerance < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " is " + tolerance + ", allowed are finite numbers above 0");
        }
    }
}
