package dev.mediator.nn;

import dev.mediator.tensor.CustomGradient;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Saved;
import java.util.ArrayList;
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
 *
 * <p>For one thread at a time; the network it is part of sees to that.
 */
public final class MediatorAttention implements Attention {
    private final int heads;
    private final int grid;
    private final Linear qkv;
    private final Linear proj;
    private final DepthwiseConvolution convolution;
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
        convolution = DepthwiseConvolution.of(source, "dwc", width);
        servesFull = counts.contains(MediatorCount.FULL);
        for (MediatorCount count : counts) {
            if (!count.isFull()) {
                ParameterSource set = counts.size() == 1 ? source : source.at("mediators." + count + ".");
                biases.put(count, new MediatorBias(set, count, heads, grid));
            }
        }
    }

    @Override
    public Tensor infer(Tensor x, MediatorCount mediators) {
        requireServed(mediators);
        List<Tensor> maps = Ops.split(qkv.apply(x), 3, 2); // q, k, v [B, N, D]
        Tensor q = maps.get(0);
        Tensor k = Heads.split(maps.get(1), heads); // [B, M, N, K]
        Tensor v = Heads.split(maps.get(2), heads);
        Tensor o = mediators.isFull()
                ? Heads.attend(Heads.split(Heads.scale(q, heads), heads), k, v, null)
                : mediated(q, k, v, mediators);
        return proj.apply(Ops.addTo(Heads.merge(o), convolution.apply(maps.get(2))));
    }

    /** q [B, N, D], k and v [B, M, N, K] → o [B, M, N, K]. */
    private Tensor mediated(Tensor q, Tensor k, Tensor v, MediatorCount count) {
        List<Tensor> bias = positionBiases(count);
        Tensor tokens = tokens(q, count); // serves both products: the queries, which are many more, need no scaling
        Tensor values = Heads.attend(tokens, k, v, bias.get(0)); // [B, M, n, K]
        return Heads.attend(Heads.split(q, heads), tokens, values, bias.get(1));
    }

    @Override
    public AttentionMaps maps(Tensor x, MediatorCount mediators) {
        requireServed(mediators);
        List<Tensor> parts = Ops.split(qkv.apply(x), 3, 2); // q, k, v [B, N, D]
        Tensor q = Heads.split(parts.get(0), heads); // [B, M, N, K]
        Tensor k = Heads.split(parts.get(1), heads);
        if (mediators.isFull()) {
            return new AttentionMaps.Softmax(Heads.map(q, k, null));
        }
        List<Tensor> bias = positionBiases(mediators);
        Tensor tokens = Heads.split(pool(parts.get(0), mediators), heads); // [B, M, n, K]
        return new AttentionMaps.Mediated(
                Heads.map(tokens, k, bias.get(0)), // [B, M, n, N]
                Heads.map(q, tokens, bias.get(1))); // [B, M, N, n]
    }

    @Override
    public CustomGradient.Result record(Tensor x, MediatorCount mediators, List<Tensor> biases, Saved saved) {
        requireServed(mediators);
        Tensor in = saved.keep(x);
        Tensor maps = qkv.apply(in); // [B, N, 3·D]
        long width = in.size(2);
        Qkv parts = Qkv.split(maps, heads, saved);
        HeadsPass attention = mediators.isFull()
                ? HeadsPass.allPairs(parts, saved)
                : HeadsPass.mediated(
                        parts, pooling(in, mediators), tokens(maps.narrow(2, 0, width), mediators), biases, saved);
        Tensor v = saved.keep(maps.narrow(2, 2 * width, width).contiguous());
        Tensor o = saved.keep(Ops.addTo(Heads.merge(attention.out()), convolution.apply(v))); // [B, N, D]
        return new CustomGradient.Result(proj.apply(o), (dOut, gradients) -> {
            Tensor dO = proj.backward(dOut, o, gradients);
            Tensor dMaps = attention
                    .backward()
                    .apply(Heads.split(dO, heads).contiguous(), gradients)
                    .join();
            dMaps.narrow(2, 2 * width, width).add_(convolution.backward(dO, v, gradients));
            return qkv.backward(dMaps, in, gradients);
        });
    }

    /** T/√K of the heads, [B, N, D] → [B, M, n, K]. */
    private Tensor tokens(Tensor q, MediatorCount count) {
        return Heads.split(Heads.scale(pool(q, count), heads), heads);
    }

    /** Mediator tokens: adaptive average pooling of the query map, [B, N, D] → [B, n, D]. */
    public Tensor pool(Tensor q, MediatorCount count) {
        int side = count.side();
        return DepthwiseConvolution.tokens(
                torch.adaptive_avg_pool2d(DepthwiseConvolution.map(q), new long[] {side, side}));
    }

    /** The weights [N, n] of that average, whatever the cells' sizes: the average of each token's own map. */
    private Tensor pooling(Tensor like, MediatorCount count) {
        long tokens = (long) grid * grid;
        Tensor unit = torch.eye(tokens, like.options()).view(tokens, 1, grid, grid);
        return torch.adaptive_avg_pool2d(unit, new long[] {count.side(), count.side()})
                .view(tokens, count.tokens());
    }

    @Override
    public List<Tensor> positionBiases(MediatorCount count) {
        requireServed(count);
        MediatorBias bias = biases.get(count);
        return bias == null ? List.of() : List.of(bias.read(), bias.write());
    }

    @Override
    public List<Tensor> parameters() {
        List<Tensor> all = new ArrayList<>(qkv.parameters());
        all.addAll(proj.parameters());
        all.addAll(convolution.parameters());
        return all;
    }

    private void requireServed(MediatorCount count) {
        if (count.isFull() && !servesFull) {
            throw new IllegalArgumentException("the model has no full attention, its counts are " + biases.keySet());
        } else if (!count.isFull() && !biases.containsKey(count)) {
            throw new IllegalArgumentException("the model has no mediator count " + count + ", its counts are "
                    + biases.keySet() + (servesFull ? " and full" : ""));
        }
    }
}
