package dev.mediator.nn;

import dev.mediator.tensor.CustomGradient;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Saved;
import java.util.ArrayList;
import java.util.List;
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
    public Tensor infer(Tensor x, MediatorCount mediators) {
        List<Tensor> maps = Ops.split(qkv.apply(x), 3, 2); // q, k, v [B, N, D]
        Tensor q = Heads.split(Heads.scale(maps.get(0), heads), heads);
        Tensor k = Heads.split(maps.get(1), heads);
        Tensor v = Heads.split(maps.get(2), heads);
        return proj.apply(Heads.merge(Heads.attend(q, k, v, null)));
    }

    @Override
    public CustomGradient.Result record(Tensor x, MediatorCount mediators, List<Tensor> biases, Saved saved) {
        Tensor in = saved.keep(x);
        HeadsPass attention = HeadsPass.allPairs(Qkv.split(qkv.apply(in), heads, saved), saved);
        Tensor o = saved.keep(Heads.merge(attention.out())); // [B, N, D]
        return new CustomGradient.Result(proj.apply(o), (dOut, gradients) -> {
            Tensor dO = proj.backward(dOut, o, gradients);
            Qkv d = attention.backward().apply(Heads.split(dO, heads).contiguous(), gradients);
            return qkv.backward(d.join(), in, gradients);
        });
    }

    @Override
    public List<Tensor> positionBiases(MediatorCount mediators) {
        return List.of();
    }

    @Override
    public List<Tensor> parameters() {
        List<Tensor> all = new ArrayList<>(qkv.parameters());
        all.addAll(proj.parameters());
        return all;
    }

    @Override
    public AttentionMaps maps(Tensor x, MediatorCount mediators) {
        List<Tensor> parts = Ops.split(qkv.apply(x), 3, 2); // q, k, v [B, N, D]
        Tensor q = Heads.split(parts.get(0), heads);
        return new AttentionMaps.Softmax(Heads.map(q, Heads.split(parts.get(1), heads), null));
    }
}
