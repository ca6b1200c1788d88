package dev.mediator.nn;

import org.bytedeco.pytorch.Tensor;

/** An attention layer of a block. */
public interface Attention {
    /**
     * @param x [B, N, D]
     * @param mediators how many mediators to go through; ignored by a layer that has softmax attention only
     * @return [B, N, D]
     */
    Tensor apply(Tensor x, MediatorCount mediators);
}
