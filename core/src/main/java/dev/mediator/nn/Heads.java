package dev.mediator.nn;

import org.bytedeco.pytorch.Tensor;

/** Between tokens [B, N, D] and heads [B, M, N, K]. */
final class Heads {
    private Heads() {}

    /** [B, N, D] → [B, M, N, K], a view. */
    static Tensor split(Tensor x, int heads) {
        return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }

    /** [B, M, N, K] → [B, N, D]. */
    static Tensor merge(Tensor x) {
        return x.transpose(1, 2).reshape(x.size(0), x.size(2), x.size(1) * x.size(3));
    }
}
