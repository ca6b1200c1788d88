package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention through n mediator tokens, O(n·N) (arXiv 2408.05710, after Agent Attention, arXiv 2312.08874).
 *
 * <p>The mediators T are the query map averaged over a √n×√n grid. They read all tokens, and all tokens read them:
 *
 * <pre>
 *   V_med = softmax(T·kᵀ/√K + b_read)·v
 *   o     = softmax(q·Tᵀ/√K + b_write)·V_med
 *   out   = proj(o + DWConv3×3(v))
 * </pre>
 *
 * <p>Weights are shared by every count the layer serves; only the position biases are one set per count. With
 * {@link MediatorCount#FULL} the same weights compute o = softmax(q·kᵀ/√K)·v. A layer of a single count names its
 * biases as the published checkpoints do ({@code an_bias}); one of several counts puts them under {@code mediators.n.}.
 */
public final class MediatorAttention implements Attention {
    private final int heads;
    private final int grid;
    private final Linear qkv;
    private final Linear proj;
    private final Tensor convolution; // [D, 1, 3, 3]
    private final Tensor convolutionBias; // [D]
    private final Map<MediatorCount, MediatorBias> biases = new LinkedHashMap<>();
    private final boolean servesFull;

    /**
     * @param grid tokens per side of the square token map
     * @param counts the mediator counts to serve, possibly with {@link MediatorCount#FULL}
     */
    public MediatorAttention(ParameterSource source, int width, int heads, int grid, List<MediatorCount> counts) {
        this.heads = heads;
        this.grid = grid;
        qkv = Linear.of(source, "qkv", Init.XAVIER_UNIFORM, width, 3L * width);
        proj = Linear.of(source, "proj", Init.XAVIER_UNIFORM, width, width);
        convolution = source.get("dwc.weight", Init.DEPTHWISE_UNIFORM, width, 1, 3, 3);
        convolutionBias = source.get("dwc.bias", Init.DEPTHWISE_UNIFORM, width);
        servesFull = counts.contains(MediatorCount.FULL);
        for (MediatorCount count : counts) {
            if (!count.isFull()) {
                ParameterSource set = counts.size() == 1 ? source : source.at("mediators." + count + ".");
                biases.put(count, new MediatorBias(set, count, heads, grid));
            }
        }
    }

    /** b_read and b_write of a count: [M, n, N] and [M, N, n]. */
    public List<Tensor> positionBiases(MediatorCount count) {
        return List.of(bias(count).read(), bias(count).write());
    }

    @Override
    public Tensor apply(Tensor x, MediatorCount mediators) {
        List<Tensor> maps = Ops.split(qkv.apply(x), 3, 2); // q, k, v [B, N, D]
        Tensor q = maps.get(0);
        Tensor k = Heads.split(maps.get(1), heads); // [B, M, N, K]
        Tensor v = maps.get(2);
        Tensor o = mediators.isFull() ? full(q, k, v) : mediated(q, k, v, bias(mediators));
        return proj.apply(Ops.addTo(o, convolve(v)));
    }

    @Override
    public AttentionMaps maps(Tensor x, MediatorCount mediators) {
        List<Tensor> parts = Ops.split(qkv.apply(x), 3, 2); // q, k, v [B, N, D]
        Tensor q = Heads.split(parts.get(0), heads); // [B, M, N, K]
        Tensor k = Heads.split(parts.get(1), heads);
        if (mediators.isFull()) {
            requireFull();
            return new AttentionMaps.Softmax(Heads.map(q, k, null));
        }
        MediatorBias bias = bias(mediators);
        Tensor tokens = Heads.split(pool(parts.get(0), mediators), heads); // [B, M, n, K]
        return new AttentionMaps.Mediated(
                Heads.map(tokens, k, bias.read()), // [B, M, n, N]
                Heads.map(q, tokens, bias.write())); // [B, M, N, n]
    }

    private void requireFull() {
        if (!servesFull) {
            throw new IllegalArgumentException("the model has no full attention, its counts are " + biases.keySet());
        }
    }

    private Tensor full(Tensor q, Tensor k, Tensor v) {
        requireFull();
        Tensor scaled = Heads.split(Heads.scale(q, heads), heads);
        return Heads.merge(Heads.attend(scaled, k, Heads.split(v, heads), null));
    }

    private MediatorBias bias(MediatorCount count) {
        MediatorBias bias = biases.get(count);
        if (bias == null) {
            throw new IllegalArgumentException("the model has no mediator count " + count + ", its counts are "
                    + biases.keySet() + (servesFull ? " and full" : ""));
        }
        return bias;
    }

    /** q, v [B, N, D], k [B, M, N, K] → o [B, N, D]. */
    private Tensor mediated(Tensor q, Tensor k, Tensor v, MediatorBias bias) {
        // T/√K serves both products: the tokens, which are many more, need no scaling.
        Tensor tokens = Heads.split(Heads.scale(pool(q, bias.count()), heads), heads); // [B, M, n, K]
        Tensor values = Heads.attend(tokens, k, Heads.split(v, heads), bias.read()); // [B, M, n, K]
        return Heads.merge(Heads.attend(Heads.split(q, heads), tokens, values, bias.write()));
    }

    /** Mediator tokens: adaptive average pooling of the query map, [B, N, D] → [B, n, D]. */
    public Tensor pool(Tensor q, MediatorCount count) {
        int side = count.side();
        return torch.adaptive_avg_pool2d(map(q), new long[] {side, side})
                .permute(0, 2, 3, 1)
                .reshape(q.size(0), count.tokens(), q.size(2));
    }

    /** Depthwise 3×3 convolution of the value map, [B, N, D] → [B, N, D]. */
    private Tensor convolve(Tensor v) {
        long d = v.size(2);
        return Ops.depthwiseConvolution(map(v), convolution, convolutionBias)
                .permute(0, 2, 3, 1)
                .reshape(v.size(0), v.size(1), d);
    }

    /** [B, N, D] → [B, D, h, w] without a copy: channels-last memory. */
    private Tensor map(Tensor x) {
        return x.view(x.size(0), grid, grid, x.size(2)).permute(0, 3, 1, 2);
    }
}
