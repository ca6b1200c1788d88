package dev.mediator.nn;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

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
        return proj.apply(attend(
                Heads.split(all.narrow(2, 0, d), heads),
                Heads.split(all.narrow(2, d, d), heads),
                Heads.split(all.narrow(2, 2 * d, d), heads)));
    }

    /**
     * softmax(q·kᵀ/√K)·v of [B, M, N, K] heads, merged to [B, N, D]. On the CPU libtorch's fused kernel is the fastest in
     * fp32, but in bf16 many times slower than the products written out.
     */
    static Tensor attend(Tensor q, Tensor k, Tensor v) {
        if (q.is_cpu() && DType.of(q) == DType.BF16) {
            Tensor scores = Ops.mul(q, 1 / Math.sqrt((double) q.size(3))).matmul(k.transpose(2, 3)); // [B, M, N, N]
            return Heads.merge(Ops.softmax(scores).matmul(v));
        }
        return Heads.merge(torch.scaled_dot_product_attention(
                q, k, v, new TensorOptional(), 0.0, false, new DoubleOptional(), false));
    }
}
