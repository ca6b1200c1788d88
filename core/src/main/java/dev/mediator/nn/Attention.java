package dev.mediator.nn;

import dev.mediator.tensor.CustomGradient;
import dev.mediator.tensor.Saved;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/** An attention layer of a block. */
public interface Attention {
    /**
     * Applies the layer; autograd records it, if it is recording, as one operation.
     *
     * @param x [B, N, D]
     * @param mediators how many mediators to go through; ignored by a layer that has softmax attention only
     * @return [B, N, D]
     */
    default Tensor apply(Tensor x, MediatorCount mediators) {
        if (!GradMode.is_enabled()) {
            return infer(x, mediators);
        }
        List<Tensor> biases = positionBiases(mediators);
        List<Tensor> inputs = new ArrayList<>(biases);
        inputs.addAll(parameters());
        return CustomGradient.of(x, inputs, saved -> record(x, mediators, biases, saved));
    }

    /** The layer on the fastest kernels, which have no backward pass: [B, N, D] → [B, N, D]. */
    Tensor infer(Tensor x, MediatorCount mediators);

    /**
     * The layer with its backward pass.
     *
     * @param biases what {@link #positionBiases} gave; their gradients are put in the collector, and autograd takes them
     *     on to the parameters that they are made of
     */
    CustomGradient.Result record(Tensor x, MediatorCount mediators, List<Tensor> biases, Saved saved);

    /** What is added to scores: b_read [M, n, N] and b_write [M, N, n] for mediators, nothing for softmax attention. */
    List<Tensor> positionBiases(MediatorCount mediators);

    /** Weights and biases of the layer's products, those that {@link #record} gives gradients of. */
    List<Tensor> parameters();

    /**
     * What {@link #apply} mixes the values by, computed anew for whoever wants to look at it: {@code apply} itself need not
     * form these maps. In fp32 where the layer computes in bf16, so that rows sum to 1.
     *
     * @param x the layer's input [B, N, D]
     * @param mediators as for {@code apply}
     */
    AttentionMaps maps(Tensor x, MediatorCount mediators);
}
