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

    /**
     * What {@link #apply} mixes the values by, computed anew for whoever wants to look at it: {@code apply} itself need not
     * form these maps. In fp32 where the layer computes in bf16, so that rows sum to 1.
     *
     * @param x the layer's input [B, N, D]
     * @param mediators as for {@code apply}
     */
    AttentionMaps maps(Tensor x, MediatorCount mediators);
}
