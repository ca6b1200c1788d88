package dev.mediator.sampling;

import dev.mediator.transport.PerSample;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The solution inside a Dormand-Prince step: the quartic through both ends and the middle with the slopes at both ends
 * (Shampine, "Some practical Runge-Kutta formulas", 1986), fourth order accurate.
 */
final class DenseOutput {
    private static final double[] MIDDLE_WEIGHTS = {
        6025192743.0 / 30085553152.0 / 2,
        0,
        51252292925.0 / 65400821598.0 / 2,
        -2691868925.0 / 45128329728.0 / 2,
        187940372067.0 / 1594534317056.0 / 2,
        -1776094331.0 / 19743644256.0 / 2,
        11237099.0 / 235043384.0 / 2
    };

    private final Tensor before;
    private final Tensor after;
    private final List<Tensor> k;
    private final PerSample dt;
    private List<Tensor> coefficients = List.of(); // of the powers 0 to 4 of the fraction, computed when first needed

    /** The interpolant of one step, from its states and its seven slopes. */
    DenseOutput(Tensor before, Tensor after, List<Tensor> k, PerSample dt) {
        this.before = before;
        this.after = after;
        this.k = k;
        this.dt = dt;
    }

    /** The state where each sample has done this fraction of its step. */
    Tensor at(PerSample fraction) {
        if (coefficients.isEmpty()) {
            coefficients = coefficients();
        }
        Tensor value = coefficients.get(4);
        for (int power = 3; power >= 0; power--) {
            value = fraction.scale(value).add(coefficients.get(power));
        }
        return value;
    }

    private List<Tensor> coefficients() {
        Tensor middle = before.add(dt.scale(ButcherTableau.combination(MIDDLE_WEIGHTS, k)));
        Tensor slopeBefore = dt.scale(k.get(0));
        Tensor slopeAfter = dt.scale(k.get(k.size() - 1));
        return List.of(
                before,
                slopeBefore,
                sum(-11, before, -5, after, 16, middle, -4, slopeBefore, 1, slopeAfter),
                sum(18, before, 14, after, -32, middle, 5, slopeBefore, -3, slopeAfter),
                sum(-8, before, -8, after, 16, middle, -2, slopeBefore, 2, slopeAfter));
    }

    private static Tensor sum(
            double a, Tensor u, double b, Tensor v, double c, Tensor w, double d, Tensor x, double e, Tensor y) {
        return u.mul(new Scalar(a))
                .add(v, new Scalar(b))
                .add(w, new Scalar(c))
                .add(x, new Scalar(d))
                .add(y, new Scalar(e));
    }
}
