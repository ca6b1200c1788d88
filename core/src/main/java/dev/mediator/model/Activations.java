package dev.mediator.model;

/** What blocks keep of a forward pass that autograd records, until its way back is gone. */
public enum Activations {
    /** All that the way back needs. */
    KEPT,
    /**
     * The tokens that go into each block, [B, N, D], and no more: on the way back each block is computed anew, by the same
     * kernels from the same numbers, so that gradients are equal bit for bit. Memory is that of one block and L such tensors,
     * for one more forward pass through the blocks (Chen et al., "Training Deep Nets with Sublinear Memory Cost", arXiv
     * 1604.06174, who call it checkpointing).
     */
    RECOMPUTED
}
