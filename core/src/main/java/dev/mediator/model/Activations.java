package dev.mediator.model;

/** What blocks keep of a forward pass that autograd records, until its backward pass is gone. */
public enum Activations {
    /** All that the backward pass needs. */
    KEPT,
    /**
     * The tokens that go into each block, [B, N, D], and no more: in the backward pass each block is computed anew, by the same
     * kernels from the same numbers, so that gradients are equal bit for bit. Memory is that of one block and L such tensors,
     * for one more forward pass through the blocks (Chen et al., "Training Deep Nets with Sublinear Memory Cost", arXiv
     * 1604.06174, who call it checkpointing).
     */
    RECOMPUTED
}
