package dev.mediator.sampling;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.OwnedTensor;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.TimeInterval;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Adaptive integration with the embedded Runge-Kutta pair of Dormand and Prince (1980), order 5 with an error estimate of
 * order 4. A step is accepted if its error, in units of atol + rtol·max(|x before|, |x after|), has a root mean square of at
 * most 1; the next step aims at an error of 0.9⁵.
 *
 * <p>First step, error weights (Shampine's), step control and the interpolation at the end are those of torchdiffeq, so that
 * with {@link ErrorNorm#BATCH} a run takes the same steps. With {@link ErrorNorm#PER_SAMPLE} each sample has its own step
 * size and acceptance while evaluations stay batched; a sample that has arrived stays in the batch, unmoved, until all have.
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
    private static final double[] MIDDLE_WEIGHTS = {
        6025192743.0 / 30085553152.0 / 2,
        0,
        51252292925.0 / 65400821598.0 / 2,
        -2691868925.0 / 45128329728.0 / 2,
        187940372067.0 / 1594534317056.0 / 2,
        -1776094331.0 / 19743644256.0 / 2,
        11237099.0 / 235043384.0 / 2
    };
    private static final double SAFETY = 0.9;
    private static final double MAX_GROWTH = 10;
    private static final double MAX_SHRINKAGE = 0.2;
    private static final int ERROR_ORDER = 5;
    private static final int MAX_ATTEMPTS = 10_000;

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
     * @param estimate what the network said at t + dt; null where f is not a network's
     */
    public record Attempt(
            PerSample t,
            PerSample dt,
            PerSample errorRatio,
            PerSample reached,
            Tensor state,
            @Nullable Estimate estimate) {}

    /** Told of every attempted step. */
    @FunctionalInterface
    public interface AttemptListener {
        /** Called after each attempt; what it throws ends the run. */
        void onAttempt(Attempt attempt);
    }

    /**
     * Integrates over an interval, in either direction.
     *
     * @param f right-hand side
     * @param x0 state [B, ...] at the start
     * @param widths if the state [B, n] has groups of columns whose errors are measured apart, how many columns each has
     * @return the state at the end [B, ...], owned by the innermost open scope
     * @throws SamplingException if the step size shrinks to nothing, as it does where f is not finite
     */
    public Tensor solve(Ode f, Tensor x0, TimeInterval interval, AttemptListener listener, int... widths) {
        try (Run run = new Run(f, x0, interval, widths)) {
            while (!run.hasArrived()) {
                run.attempt(listener);
            }
            return run.state.handOver();
        }
    }

    /** Where the samples of a batch stand. */
    private final class Run implements AutoCloseable {
        private final Ode f;
        private final TimeInterval interval;
        private final int[] widths;
        private final double direction;
        private final OwnedTensor state = new OwnedTensor();
        private final OwnedTensor slope = new OwnedTensor();
        private final double[] t;
        private final double[] length; // of each sample's next step, above 0, before it is cut at the end
        private int attempts;

        /** Evaluates the first slope and chooses the first step. */
        Run(Ode f, Tensor x0, TimeInterval interval, int... widths) {
            this.f = f;
            this.interval = interval;
            this.widths = widths;
            this.direction = Math.signum(interval.length());
            this.t = PerSample.uniform(Math.toIntExact(x0.size(0)), interval.start())
                    .toArray();
            state.set(x0);
            try (Scope scope = Scope.open()) {
                Tensor first = f.at(PerSample.of(t), x0).value();
                length = firstLengths(x0, first);
                slope.set(first);
            }
        }

        boolean hasArrived() {
            return Arrays.stream(t).allMatch(this::isAtEnd);
        }

        private boolean isAtEnd(double time) {
            return direction * (time - interval.end()) >= 0;
        }

        /** Attempts one step for every sample that has not arrived. */
        void attempt(AttemptListener listener) {
            attempts++;
            PerSample from = PerSample.of(t);
            PerSample to = PerSample.of(targets());
            PerSample dt = to.minus(from);
            try (Scope scope = Scope.open()) {
                Tensor x = state.get();
                List<Tensor> k = ButcherTableau.DORMAND_PRINCE.stages(f, from, dt, x, slope.get());
                Tensor next = ButcherTableau.DORMAND_PRINCE.advance(k, dt, x);
                Ode.Slope last = f.at(to, next);
                k.add(last.value());
                PerSample ratio = errorRatio(k, dt, x, next, widths);
                boolean[] moved = move(to, ratio);
                state.set(norm.sharesSteps() && hasArrived() ? atEnd(x, next, k, dt) : select(moved, next, x));
                slope.set(select(moved, last.value(), slope.get()));
                listener.onAttempt(new Attempt(from, dt, ratio, PerSample.of(t), state.get(), last.estimate()));
            }
        }

        /** Where each sample's next step ends; samples that have arrived stay. */
        private double[] targets() {
            double[] targets = t.clone();
            for (int i = 0; i < t.length; i++) {
                if (!isAtEnd(t[i])) {
                    if (attempts > MAX_ATTEMPTS) {
                        throw failure(i, "that many steps were not enough; loosen rtol or atol");
                    }
                    targets[i] = t[i] + direction * length[i];
                    if (targets[i] == t[i]) {
                        throw failure(
                                i,
                                "the step has shrunk to " + length[i]
                                        + ": the drift is not finite ahead, or too stiff");
                    }
                    if (!norm.sharesSteps() && isAtEnd(targets[i])) {
                        targets[i] = interval.end();
                        length[i] = Math.abs(targets[i] - t[i]);
                    }
                }
            }
            return targets;
        }

        /** Moves the samples whose step is accepted, and sets the length of each sample's next step. */
        private boolean[] move(PerSample to, PerSample ratio) {
            boolean[] moved = new boolean[t.length];
            for (int i = 0; i < t.length; i++) {
                if (!isAtEnd(t[i])) {
                    moved[i] = ratio.get(i) <= 1;
                    t[i] = moved[i] ? to.get(i) : t[i];
                    length[i] = norm.length(length[i] * stepFactor(ratio.get(i))); // not of to − t, which is rounded
                }
            }
            return moved;
        }

        /** The end inside a step that has passed it: on the quartic through the step (Shampine, 1986), of order 4. */
        private Tensor atEnd(Tensor before, Tensor after, List<Tensor> k, PerSample dt) {
            double s = (interval.end() - t[0] + dt.get(0)) / dt.get(0); // of the step
            Tensor middle = before.add(dt.scale(ButcherTableau.combination(MIDDLE_WEIGHTS, k)));
            Tensor slopeBefore = dt.scale(k.get(0));
            Tensor slopeAfter = dt.scale(k.get(k.size() - 1));
            double[] weights = {
                1 + s * s * (-11 + s * (18 - 8 * s)),
                s * s * (-5 + s * (14 - 8 * s)),
                s * s * (16 + s * (-32 + 16 * s)),
                s * (1 + s * (-4 + s * (5 - 2 * s))),
                s * s * (1 + s * (-3 + 2 * s))
            };
            return ButcherTableau.combination(weights, List.of(before, after, middle, slopeBefore, slopeAfter));
        }

        /** The first step's length (Hairer, Nørsett, Wanner, vol. I, II.4). */
        private double[] firstLengths(Tensor x, Tensor first) {
            double span = norm.sharesSteps() ? Double.POSITIVE_INFINITY : Math.abs(interval.length());
            PerSample slopeSize = inTolerances(first, x.abs(), widths);
            PerSample probe = inTolerances(x, x.abs(), widths)
                    .combine(slopeSize, (size, rate) -> size < 1e-5 || rate < 1e-5 ? 1e-6 : 0.01 * size / rate)
                    .map(s -> Math.min(s, span));
            PerSample dt = probe.map(s -> direction * s);
            Tensor probed =
                    f.at(PerSample.of(t).plus(dt), x.add(dt.scale(first))).value();
            PerSample slopeRate =
                    inTolerances(probed.sub(first), x.abs(), widths).combine(probe, (change, over) -> change / over);
            double[] lengths = new double[t.length];
            for (int i = 0; i < t.length; i++) {
                double rate = Math.max(slopeSize.get(i), slopeRate.get(i));
                double wanted =
                        rate <= 1e-15 ? Math.max(1e-6, probe.get(i) * 1e-3) : Math.pow(0.01 / rate, 1.0 / ERROR_ORDER);
                lengths[i] = norm.length(Math.min(100 * probe.get(i), wanted));
                if (!(lengths[i] > 0)) {
                    throw failure(i, "the drift is not finite at the start");
                }
            }
            return lengths;
        }

        private SamplingException failure(int sample, String reason) {
            return new SamplingException("dopri5 (rtol " + rtol + ", atol " + atol + ", error norm " + norm.label()
                    + ") stopped at t = " + t[sample] + " of sample " + sample + " in step " + attempts + ": "
                    + reason);
        }

        @Override
        public void close() {
            state.close();
            slope.close();
        }
    }

    /** Error of a step in units of the tolerance. */
    private PerSample errorRatio(List<Tensor> k, PerSample dt, Tensor before, Tensor after, int... widths) {
        Tensor error = dt.scale(ButcherTableau.combination(ERROR_WEIGHTS, k));
        return inTolerances(error, torch.maximum(before.abs(), after.abs()), widths);
    }

    /** Root mean square of a quantity in units of the tolerance at a state. */
    private PerSample inTolerances(Tensor quantity, Tensor magnitude, int... widths) {
        Tensor tolerance = magnitude.mul(new Scalar(rtol)).add(new Scalar(atol));
        return norm.rootMeanSquare(quantity.div(tolerance).reshape(quantity.size(0), -1), widths);
    }

    /** By what the step size changes after an attempt with this error; an error that is not a number shrinks it. */
    private static double stepFactor(double errorRatio) {
        if (errorRatio == 0) {
            return MAX_GROWTH;
        }
        if (!Double.isFinite(errorRatio)) {
            return MAX_SHRINKAGE;
        }
        double least = errorRatio < 1 ? 1 : MAX_SHRINKAGE;
        return Math.min(MAX_GROWTH, Math.max(SAFETY / Math.pow(errorRatio, 1.0 / ERROR_ORDER), least));
    }

    /** {@code chosen} for the samples marked, {@code other} for the rest. */
    private static Tensor select(boolean[] marked, Tensor chosen, Tensor other) {
        long[] shape = new long[Math.toIntExact(chosen.dim())];
        Arrays.fill(shape, 1);
        shape[0] = marked.length;
        double[] mask = new double[marked.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = marked[i] ? 1 : 0;
        }
        Tensor condition = ComputeDevice.of(chosen).put(Tensors.to(Tensors.of(mask, shape), DType.BOOL));
        return torch.where(condition, chosen, other);
    }

    private static void requireTolerance(String name, double tolerance) {
        if (!(tolerance > 0 && tolerance < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " is " + tolerance + ", allowed are finite numbers above 0");
        }
    }
}
