package dev.mediator.nn;

import dev.mediator.tensor.FusedAttention;
import dev.mediator.tensor.Gradients;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.OpsGradient;
import dev.mediator.tensor.Saved;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention of heads and its backward pass.
 *
 * @param out [B, M, N, K]
 * @param backward from the gradient of {@code out} to those of queries, keys and values
 */
record HeadsPass(Tensor out, Backward backward) {
    /** Gradients of position biases are put in the collector. */
    @FunctionalInterface
    interface Backward {
        Qkv apply(Tensor dOut, Gradients gradients);
    }

    /** All pairs: o = softmax(q·kᵀ/√K)·v. */
    static HeadsPass allPairs(Qkv in, Saved saved) {
        double scale = 1 / Math.sqrt((double) in.q().size(3));
        Tensor q = saved.keep(Ops.mul(in.q(), scale));
        MacCounter.countAttention(q, in.k());
        return FusedAttention.fastest(q)
                .map(kernel -> fused(kernel, q, in, scale, saved))
                .orElseGet(() -> writtenOut(q, in, scale, saved));
    }

    private static HeadsPass fused(FusedAttention.Kernel kernel, Tensor q, Qkv in, double scale, Saved saved) {
        FusedAttention made = FusedAttention.of(kernel, q, in.k(), in.v());
        FusedAttention attention = made.keptBy(saved);
        return new HeadsPass(made.out(), (dOut, gradients) -> {
            List<Tensor> d = attention.backward(dOut, q, in.k(), in.v());
            return new Qkv(scale(d.get(0), scale), d.get(1), d.get(2));
        });
    }

    private static HeadsPass writtenOut(Tensor q, Qkv in, double scale, Saved saved) {
        Tensor p = saved.keep(Ops.softmax(q.matmul(transposed(in.k())), 3)); // [B, M, N, N]
        return new HeadsPass(p.matmul(in.v()), (dOut, gradients) -> {
            Tensor dScores = OpsGradient.softmax(dOut.matmul(transposed(in.v())), p, 3);
            return new Qkv(
                    scale(dScores.matmul(in.k()), scale),
                    transposed(dScores).matmul(q),
                    transposed(p).matmul(dOut));
        });
    }

    /**
     * Through mediators T: V_med = R·v with R = softmax(T·kᵀ/√K + b_read), o = W·V_med with W = softmax(q·Tᵀ/√K + b_write).
     * The softmax over few mediators is faster when their axis is not the last one, so W stands transposed here.
     *
     * @param pooling weights [N, n] by which mediators are averages of queries: T = poolingᵀ·q
     * @param tokens T/√K [B, M, n, K]
     * @param biases b_read [M, n, N] and b_write [M, N, n]
     */
    static HeadsPass mediated(Qkv in, Tensor pooling, Tensor tokens, List<Tensor> biases, Saved saved) {
        Tensor read = biases.get(0);
        Tensor write = biases.get(1);
        double scale = 1 / Math.sqrt((double) in.q().size(3));
        Tensor t = saved.keep(tokens.contiguous());
        MacCounter.countAttention(t, in.k());
        MacCounter.countAttention(in.q(), t);
        Tensor r = saved.keep(Ops.softmax(t.matmul(transposed(in.k())).add_(read), 3)); // [B, M, n, N]
        Tensor wT = saved.keep(Ops.softmax(
                t.matmul(transposed(in.q())).add_(write.transpose(1, 2).contiguous()), 2)); // [B, M, n, N]
        Tensor values = saved.keep(r.matmul(in.v())); // V_med [B, M, n, K]
        Tensor averages = saved.keep(pooling);
        return new HeadsPass(transposed(wT).matmul(values), (dOut, gradients) -> {
            Tensor dWrite = OpsGradient.softmax(values.matmul(transposed(dOut)), wT, 2); // of T·qᵀ + b_writeᵀ
            Tensor dValues = wT.matmul(dOut);
            Tensor dRead = OpsGradient.softmax(dValues.matmul(transposed(in.v())), r, 3); // of T·kᵀ + b_read
            gradients.put(write, dWrite.sum(0).transpose(1, 2));
            gradients.put(read, dRead.sum(0));

            Tensor dT = scale(dRead.matmul(in.k()).add_(dWrite.matmul(in.q())), scale); // of T itself
            Tensor dQ = transposed(dWrite).matmul(t);
            dQ.flatten(0, 1).baddbmm_(averages.expand(dT.size(0) * dT.size(1), -1, -1), dT.flatten(0, 1));
            return new Qkv(dQ, transposed(dRead).matmul(t), transposed(r).matmul(dValues));
        });
    }

    private static Tensor transposed(Tensor x) {
        return x.transpose(2, 3);
    }

    /** In place. */
    private static Tensor scale(Tensor x, double factor) {
        return x.mul_(new Scalar(factor));
    }
}
