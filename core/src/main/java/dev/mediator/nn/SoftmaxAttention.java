package dev.mediator.nn;

import org.bytedeco.pytorch.Tensor;

/** Multi-head attention between all pairs of tokens: softmax(q·kᵀ/√K)·v, O(N²). */
public final class SoftmaxAttention implements Attention {
    private final int heads;
    private final Linear qkv;
    private final Linear proj;

    public SoftmaxAttention(ParameterSource source, int width, int heads) {
        this.heads = heads;
        qkv = Linear.of(source, "qkv", Init.XAVIER_UNIFORM, width, 3L * width);
        proj = Linear.of(source, "proj", Init.XAVIER_UNIFORM, width, width);
    }

    @Override
    public Tensor apply(Tensor x, MediatorCount mediators) {
        Tensor all = qkv.apply(x); // [B, N, 3·D]
        long d = x.size(2);
        Tensor q = Heads.split(all.narrow(2, 0, d), heads);
        Tensor k = Heads.split(all.narrow(2, d, d), heads);
        Tensor v = Heads.split(all.narrow(2, 2 * d, d), heads);
        return proj.apply(Heads.merge(Heads.attend(q, k, v, null)));
    }
}
