package dev.mediator.nn;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Between tokens [B, N, D] and heads [B, M, N, K], and attention of heads without a backward pass. */
final class Heads {
    private static final long ALIGNMENT = 8;

    private Heads() {}

    /** [B, N, D] → [B, M, N, K], a view. */
    static Tensor split(Tensor x, int heads) {
        return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }

    /** x/√K, K being the width of one head. */
    static Tensor scale(Tensor x, int heads) {
        return Ops.mul(x, 1 / Math.sqrt((double) x.size(2) / heads));
    }

    /** [B, M, N, K] → [B, N, D]. */
    static Tensor merge(Tensor x) {
        return x.transpose(1, 2).reshape(x.size(0), x.size(2), x.size(1) * x.size(3));
    }

    /**
     * softmax(q·kᵀ + bias)·v. The scale 1/√K is the caller's: one of the two factors is smaller, and scaled once for all
     * products that it takes part in.
     *
     * @param q [B, M, Q, K]
     * @param k [B, M, N, K]
     * @param v [B, M, N, K]
     * @param bias [M, Q, N], null for none
     * @return [B, M, Q, K]
     */
    static Tensor attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor bias) {
        MacCounter.countAttention(q, k);
        if (!fusedIsFaster(q)) {
            return k.size(2) < q.size(2) ? attendToFew(q, k, v, bias) : attendToMany(q, k, v, bias);
        }
        TensorOptional mask = bias == null
                ? new TensorOptional()
                : new TensorOptional(bias.unsqueeze(0).expand(q.size(0), q.size(1), q.size(2), k.size(2)));
        return torch.scaled_dot_product_attention(q, k, v, mask, 0.0, false, new DoubleOptional(1.0), false);
    }

    private static Tensor attendToMany(Tensor q, Tensor k, Tensor v, @Nullable Tensor bias) {
        // Contiguous before it is transposed: the product would copy the transposed view, eight times slower.
        Tensor scores = q.matmul(k.contiguous().transpose(2, 3)); // [B, M, Q, N]
        return Ops.softmax(bias == null ? scores : Ops.addTo(scores, bias), 3).matmul(v);
    }

    /** The softmax over a short axis takes several times as long when that axis is the last one: transposed throughout. */
    private static Tensor attendToFew(Tensor q, Tensor k, Tensor v, @Nullable Tensor bias) {
        Tensor scores = k.matmul(q.contiguous().transpose(2, 3)); // [B, M, N, Q]
        Tensor biased =
                bias == null ? scores : Ops.addTo(scores, bias.transpose(1, 2).contiguous());
        return Ops.softmax(biased, 2).transpose(2, 3).matmul(v);
    }

    /** The same bias [M, Q, N] of few queries to many keys, its memory ordered as {@link #attend} reads it. */
    static Tensor laidOutForMany(Tensor bias) {
        return bias.is_cpu() ? bias : aligned(bias);
    }

    /** The same bias [M, Q, N] of many queries to few keys, its memory ordered as {@link #attend} reads it. */
    static Tensor laidOutForFew(Tensor bias) {
        if (!bias.is_cpu()) {
            return aligned(bias);
        }
        return fusedIsFaster(bias)
                ? bias.contiguous()
                : bias.transpose(1, 2).contiguous().transpose(1, 2);
    }

    /** Rows at multiples of {@value #ALIGNMENT} elements: libtorch's fused kernel for cards would copy others so, for each sample. */
    private static Tensor aligned(Tensor bias) {
        long width = bias.size(2);
        long missing = (ALIGNMENT - width % ALIGNMENT) % ALIGNMENT;
        return missing == 0
                ? bias.contiguous()
                : torch.constant_pad_nd(bias, 0, missing).narrow(2, 0, width);
    }

    /**
     * softmax(q·kᵀ/√K + bias), the map that {@link #attend} applies to v; for bf16 in fp32.
     *
     * @param q [B, M, Q, K]
     * @param k [B, M, N, K]
     * @param bias [M, Q, N], null for none
     * @return [B, M, Q, N]
     */
    static Tensor map(Tensor q, Tensor k, @Nullable Tensor bias) {
        DType dtype = DType.of(q) == DType.BF16 ? DType.F32 : DType.of(q);
        Tensor scaled = Ops.mul(Tensors.to(q, dtype), 1 / Math.sqrt((double) q.size(3)));
        Tensor scores = scaled.matmul(Tensors.to(k, dtype).transpose(2, 3));
        return Ops.softmax(bias == null ? scores : scores.add(bias), 3);
    }

    /**
     * On the CPU libtorch's fused kernel is the fastest in fp32 (written out, its batched products take one core), but in
     * bf16 many times slower than the products written out, which go through oneDNN.
     */
    private static boolean fusedIsFaster(Tensor q) {
        return DType.of(q) == DType.F32 || !q.is_cpu();
    }
}
