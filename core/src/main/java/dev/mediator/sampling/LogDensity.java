package dev.mediator.sampling;

import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.Tensor;

/**
 * What the ODE says about the probability of given data.
 *
 * @param nats log-density of each sample, natural logarithm, in the units of the data
 * @param divergence integral of the velocity's divergence along each path, from noise to data
 * @param latent the noise that each sample comes from [B, C, H, W], owned by the scope in which the run was started
 * @param evaluations network evaluations, each with one backward pass per probe
 */
public record LogDensity(PerSample nats, PerSample divergence, Tensor latent, long evaluations) {
    /**
     * Negative log-density per dimension in base 2. For 8-bit images that were scaled to [−1, 1], add log2(127.5) to compare
     * with bits per dimension of the original values.
     */
    public PerSample bitsPerDimension() {
        double dimensions = (double) latent.numel() / latent.size(0);
        return nats.map(v -> -v / (dimensions * Math.log(2)));
    }
}
