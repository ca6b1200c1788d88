package dev.mediator.model;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Classifier-free guidance (arXiv 2207.12598): v = v_null + s·(v_y − v_null), optionally on the first channels only
 * (the published SiT guides 3 of 4) and within an interval of t only (arXiv 2404.07724).
 *
 * @param scale s; 1 is no guidance
 * @param channels how many channels are guided, 0 for all; the others keep the prediction for the class
 * @param tMin start of the guided interval
 * @param tMax end of the guided interval
 */
public record Guidance(double scale, int channels, double tMin, double tMax) {
    /** No guidance: one evaluation per step. */
    public static final Guidance NONE = new Guidance(1, 0, 0, 1);

    /** Scale 2.5 while 0.2 ≤ t ≤ 0.9, all channels. {@code docs/sampling.md} says how it was chosen. */
    public static final Guidance DEFAULT = new Guidance(2.5, 0, 0.2, 0.9);

    public Guidance {
        if (!(scale >= 0 && scale <= 1000)) {
            throw new IllegalArgumentException("guidance scale is " + scale + ", allowed are 0 to 1000 (1: none)");
        }
        if (channels < 0) {
            throw new IllegalArgumentException("guidance channels is " + channels + ", allowed is 0 (all) or more");
        }
        if (!(tMin >= 0 && tMin < tMax && tMax <= 1)) {
            throw new IllegalArgumentException(
                    "guidance interval is " + tMin + "," + tMax + ", allowed is 0 ≤ start < end ≤ 1");
        }
    }

    /** A prediction for xt [B, C, H, W], t [B], y [B]: a model's forward pass. Times and labels are on the host. */
    @FunctionalInterface
    public interface Predictor {
        Tensor predict(Tensor xt, Tensor t, Tensor y);
    }

    /**
     * Checks that a network can be guided so.
     *
     * @throws IllegalArgumentException if it lacks the channels, or a label for no class
     */
    public void requireUsable(SitConfig network) {
        if (channels > network.inChannels()) {
            throw new IllegalArgumentException(
                    "guidance channels is " + channels + ", the network has " + network.inChannels());
        }
        if (scale != 1 && network.lacksNullLabel()) {
            throw new IllegalArgumentException("guidance scale is " + scale
                    + ", allowed is 1 (none): the network has no label for 'no class', which guidance compares with");
        }
    }

    /** Scale and interval in a few words, such as "guidance 2.5 in [0.2, 0.9]". */
    public String summary() {
        if (scale == 1) {
            return "no guidance";
        }
        return "guidance " + scale + (tMin == 0 && tMax == 1 ? "" : " in [" + tMin + ", " + tMax + "]");
    }

    /** True if a step at time t needs the prediction without a class too. */
    public boolean isActive(double t) {
        return scale != 1 && t >= tMin && t <= tMax;
    }

    /**
     * Guided prediction. Samples inside the interval are evaluated as pairs in one batch, first all with their class,
     * then all without; samples outside once.
     *
     * @param predictor the network
     * @param nullLabel the label that means "no class"
     * @return [B, C, H, W]
     */
    public Tensor predict(Predictor predictor, int nullLabel, Tensor xt, Tensor t, Tensor y) {
        double[] times = scale == 1 ? new double[0] : Tensors.doubles(t);
        long active = Arrays.stream(times).filter(this::isActive).count();
        if (active == 0) {
            return predictor.predict(xt, t, y);
        }
        if (active == times.length) {
            return guidedPairs(predictor, nullLabel, xt, t, y);
        }
        long[] inside = new long[(int) active];
        int next = 0;
        for (int i = 0; i < times.length; i++) {
            if (isActive(times[i])) {
                inside[next++] = i;
            }
        }
        long batch = xt.size(0);
        Tensor both = predictor.predict(
                Ops.cat(0, xt, Ops.select(xt, 0, inside)),
                Ops.cat(0, t, Ops.select(t, 0, inside)),
                Ops.cat(0, y, torch.full_like(Ops.select(y, 0, inside), new Scalar((long) nullLabel))));
        Tensor conditional = both.narrow(0, 0, batch);
        Tensor guided = combine(Ops.select(conditional, 0, inside), both.narrow(0, batch, active));
        Tensor rows = ComputeDevice.of(conditional).put(Tensors.of(inside, active));
        return conditional.index_copy(0, rows, guided);
    }

    private Tensor guidedPairs(Predictor predictor, int nullLabel, Tensor xt, Tensor t, Tensor y) {
        Tensor none = torch.full_like(y, new Scalar((long) nullLabel));
        Tensor both = predictor.predict(Ops.cat(0, xt, xt), Ops.cat(0, t, t), Ops.cat(0, y, none));
        return combine(both.narrow(0, 0, xt.size(0)), both.narrow(0, xt.size(0), xt.size(0)));
    }

    private Tensor combine(Tensor conditional, Tensor unconditional) {
        long all = conditional.size(1);
        if (channels > all) {
            throw new IllegalArgumentException("guidance channels is " + channels + ", the model has " + all);
        }
        if (channels == 0 || channels == all) {
            return unconditional.add(Ops.mul(conditional.sub(unconditional), scale));
        }
        Tensor first = combine(conditional.narrow(1, 0, channels), unconditional.narrow(1, 0, channels));
        return Ops.cat(1, first, conditional.narrow(1, channels, all - channels));
    }
}
