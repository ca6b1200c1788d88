package dev.mediator.nn;

import dev.mediator.tensor.Saved;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Queries, keys and values of all heads, or their gradients.
 *
 * @param q [B, M, N, K]
 * @param k [B, M, N, K]
 * @param v [B, M, N, K]
 */
record Qkv(Tensor q, Tensor k, Tensor v) {
    /**
     * Takes the heads out of what {@code qkv} computes. Each is made contiguous once, where products would do it every
     * time.
     *
     * @param joint [B, N, 3·D]
     */
    static Qkv split(Tensor joint, int heads, Saved saved) {
        Tensor parts = heads(joint, heads);
        return new Qkv(
                saved.keep(parts.select(0, 0).contiguous()),
                saved.keep(parts.select(0, 1).contiguous()),
                saved.keep(parts.select(0, 2).contiguous()));
    }

    /** Puts the heads back side by side: [B, N, 3·D]. */
    Tensor join() {
        long heads = q.size(1);
        Tensor joint = torch.empty(new long[] {q.size(0), q.size(2), 3 * heads * q.size(3)}, q.options(), null);
        Tensor parts = heads(joint, heads);
        List<Tensor> own = List.of(q, k, v);
        for (int i = 0; i < own.size(); i++) {
            parts.select(0, i).copy_(own.get(i));
        }
        return joint;
    }

    /** [B, N, 3·D] → [3, B, M, N, K], a view. */
    private static Tensor heads(Tensor joint, long heads) {
        return joint.view(joint.size(0), joint.size(1), 3, heads, joint.size(2) / (3 * heads))
                .permute(2, 0, 3, 1, 4);
    }
}
