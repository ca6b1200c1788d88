package dev.mediator.sampling;

import dev.mediator.sampling.DormandPrince.Attempt;
import dev.mediator.sampling.DormandPrince.AttemptListener;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.OwnedTensor;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.PerSample;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One adaptive integration in progress: state and slope of the batch, and where each sample stands. */
final class AdaptiveRun implements AutoCloseable {
    private static final int MAX_ATTEMPTS = 10_000;

    private final DormandPrince settings;
    private final OdeFunction f;
    private final TimeGrid outputs;
    private final int[] widths;
    private final double direction;
    private final OwnedTensor state = new OwnedTensor();
    private final OwnedTensor slope = new OwnedTensor();
    private final List<OwnedTensor> results; // at each output time after the first
    private final double[] t;
    private final double[] length; // of the next step, above 0, before it is cut at the end
    private int attempts;

    /** Evaluates the first slope and chooses the first step. */
    AdaptiveRun(DormandPrince settings, OdeFunction f, Tensor x0, TimeGrid outputs, int... widths) {
        this.settings = settings;
        this.f = f;
        this.outputs = outputs;
        this.widths = widths;
        this.direction = Math.signum(outputs.last() - outputs.first());
        this.t = new double[Math.toIntExact(x0.size(0))];
        Arrays.fill(t, outputs.first());
        this.results = IntStream.range(0, outputs.steps())
                .mapToObj(i -> new OwnedTensor())
                .toList();
        state.set(x0);
        try (Scope scope = Scope.open()) {
            Tensor first = f.at(PerSample.of(t), x0);
            length = firstLength(x0, first);
            slope.set(first);
        }
    }

    boolean hasArrived() {
        return Arrays.stream(t).allMatch(this::isAtEnd);
    }

    /** Attempts one step for every sample that has not arrived. */
    void attempt(AttemptListener listener) {
        PerSample from = PerSample.of(t);
        PerSample to = PerSample.of(targets());
        PerSample dt = to.minus(from);
        try (Scope scope = Scope.open()) {
            Tensor x = state.get();
            List<Tensor> k = ButcherTableau.DORMAND_PRINCE.stages(f, from, dt, x, slope.get());
            Tensor next = ButcherTableau.DORMAND_PRINCE.advance(k, dt, x);
            k.add(f.at(to, next));
            PerSample ratio = settings.errorRatio(k, dt, x, next, widths);
            boolean[] moved = move(to, ratio);
            writeOutputs(moved, from, dt, new DenseOutput(x, next, k, dt));
            slope.set(select(moved, k.get(k.size() - 1), slope.get()));
            state.set(select(moved, next, x));
            listener.onAttempt(new Attempt(from, dt, ratio, PerSample.of(t), state.get()));
        }
    }

    /** The solution at the output times, handed to the scope around. */
    List<Tensor> results() {
        if (!mayPassEnd()) {
            results.get(results.size() - 1).set(state.get());
        }
        return results.stream().map(OwnedTensor::handOver).toList();
    }

    @Override
    public void close() {
        state.close();
        slope.close();
        results.forEach(OwnedTensor::close);
    }

    private boolean mayPassEnd() {
        return settings.norm() == ErrorNorm.BATCH;
    }

    private boolean isAtEnd(double time) {
        return direction * (time - outputs.last()) >= 0;
    }

    private double[] firstLength(Tensor x, Tensor first) {
        double span = Math.abs(outputs.last() - outputs.first());
        PerSample slopeSize = settings.inTolerances(first, x.abs(), widths);
        PerSample probe = settings.inTolerances(x, x.abs(), widths)
                .combine(slopeSize, DormandPrince::probeLength)
                .map(s -> mayPassEnd() ? s : Math.min(s, span));
        PerSample dt = probe.map(s -> direction * s);
        Tensor probed = f.at(PerSample.of(t).plus(dt), x.add(dt.scale(first)));
        PerSample slopeRate = settings.inTolerances(probed.sub(first), x.abs(), widths)
                .combine(probe, (change, over) -> change / over);
        double[] lengths = new double[t.length];
        for (int i = 0; i < t.length; i++) {
            lengths[i] = DormandPrince.firstStepLength(probe.get(i), slopeSize.get(i), slopeRate.get(i));
            if (!(lengths[i] > 0)) {
                throw new SamplingException(at(i) + "the drift is not finite at the start");
            }
        }
        return lengths;
    }

    /** Where each sample's next step ends; samples that have arrived stay. */
    private double[] targets() {
        attempts++;
        double[] targets = t.clone();
        for (int i = 0; i < t.length; i++) {
            if (!isAtEnd(t[i])) {
                if (attempts > MAX_ATTEMPTS) {
                    throw new SamplingException(at(i) + "that many steps were not enough; loosen rtol or atol");
                }
                targets[i] = t[i] + direction * length[i];
                if (targets[i] == t[i]) {
                    throw new SamplingException(at(i) + "the step has shrunk to " + length[i]
                            + ": the drift is not finite ahead, or too stiff");
                }
                if (!mayPassEnd() && isAtEnd(targets[i])) {
                    targets[i] = outputs.last();
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
                length[i] *= DormandPrince.stepFactor(ratio.get(i)); // not of to − t, which is rounded
            }
        }
        return moved;
    }

    /** Interpolates at the output times that samples have just stepped over; an end that is stepped on needs none. */
    private void writeOutputs(boolean[] moved, PerSample from, PerSample dt, DenseOutput solution) {
        int interpolated = mayPassEnd() ? outputs.steps() : outputs.steps() - 1;
        for (int k = 1; k <= interpolated; k++) {
            double time = outputs.points().get(k);
            PerSample fraction = from.combine(dt, (start, step) -> step == 0 ? 0 : (time - start) / step);
            boolean[] crossed = new boolean[moved.length];
            boolean any = false;
            for (int i = 0; i < moved.length; i++) {
                crossed[i] = moved[i] && fraction.get(i) > 0 && fraction.get(i) <= 1;
                any |= crossed[i];
            }
            if (any) {
                OwnedTensor result = results.get(k - 1);
                Tensor value = solution.at(fraction.map(s -> Math.min(1, Math.max(0, s))));
                result.set(result.isPresent() ? select(crossed, value, result.get()) : value);
            }
        }
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

    private String at(int sample) {
        return "dopri5 (rtol " + settings.rtol() + ", atol " + settings.atol() + ", error norm "
                + settings.norm().label() + ") stopped at t = " + t[sample] + " of sample " + sample + " in step "
                + attempts + ": ";
    }
}
