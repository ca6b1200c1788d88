package dev.mediator.transport;

import org.bytedeco.pytorch.Tensor;

/**
 * What training and sampling need of a model: a prediction (velocity, score or noise) for a noised batch. A model fits
 * by method reference; guidance and step-wise switching are networks around a network.
 */
@FunctionalInterface
public interface Network {
    /**
     * Predicts for a batch whose samples may stand at different times.
     *
     * @param xt the noised samples [B, C, H, W]
     * @param t their times [B], 0 noise to 1 data, in the type of {@code xt}; on the host, wherever {@code xt} is: who decides by
     *     them need not wait for a card
     * @param y their labels [B] int64, on the host
     * @return the prediction [B, C, H, W], where {@code xt} is
     */
    Tensor predict(Tensor xt, Tensor t, Tensor y);
}
