package dev.mediator.transport;

import org.bytedeco.pytorch.Tensor;

/**
 * What one network evaluation tells: velocity, score, noise and denoised sample, each computed when asked for.
 *
 * @param transport path and kind of prediction
 * @param t time of each sample
 * @param xt where the network was evaluated [B, C, H, W]
 * @param prediction what it said [B, C, H, W]
 */
public record Estimate(Transport transport, PerSample t, Tensor xt, Tensor prediction) {
    /** Velocity v = E[ut | xt], the drift of the probability-flow ODE, [B, C, H, W]. */
    public Tensor velocity() {
        return as(Prediction.VELOCITY);
    }

    /** Score ∇log p(xt), [B, C, H, W]; infinite at t = 1. */
    public Tensor score() {
        return as(Prediction.SCORE);
    }

    /** Mean noise E[x0 | xt], [B, C, H, W]. */
    public Tensor noise() {
        return as(Prediction.NOISE);
    }

    /** Denoised sample E[x1 | xt], [B, C, H, W]: where this evaluation expects the trajectory to end. */
    public Tensor denoised() {
        return transport.prediction().denoise(transport.path(), t, xt, prediction);
    }

    private Tensor as(Prediction target) {
        return transport.prediction().convert(target, transport.path(), t, xt, prediction);
    }
}
