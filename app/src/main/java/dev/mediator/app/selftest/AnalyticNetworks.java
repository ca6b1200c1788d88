package dev.mediator.app.selftest;

import dev.mediator.transport.Network;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The closed-form networks that the golden files of losses and samplers were made with; t is broadcast over a sample. */
final class AnalyticNetworks {
    /** x/2 + t. */
    static final Network HALF = (xt, t, y) -> affine(0.5, xt, 1, t);

    /** −x/2 + t, called {@code lin} in the files. */
    static final Network LIN = (xt, t, y) -> affine(-0.5, xt, 1, t);

    /** sin(3x + 8t), called {@code nl} in the files. */
    static final Network NL = (xt, t, y) -> affine(3, xt, 8, t).sin();

    private AnalyticNetworks() {}

    /** a·x + b·t, with one t per sample. */
    static Tensor affine(double a, Tensor xt, double b, Tensor t) {
        return xt.mul(new Scalar(a)).add(t.reshape(-1, 1, 1, 1), new Scalar(b));
    }
}
