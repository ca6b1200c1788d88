package dev.mediator.codec;

import dev.mediator.nn.Init;
import dev.mediator.nn.Linear;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention between all pixels of the coarsest map, with one head, beside the input. Never holds the map of all pairs, which
 * for the latent of a 1024×1024 image would have 268 million entries.
 */
final class SpatialAttention implements Layer {
    private final GroupNorm norm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;

    SpatialAttention(ParameterSource source, long width, long groups) {
        norm = GroupNorm.of(source, "group_norm", width, groups);
        query = linear(source, "to_q", width);
        key = linear(source, "to_k", width);
        value = linear(source, "to_v", width);
        out = linear(source, "to_out.0", width);
    }

    private static Linear linear(ParameterSource source, String name, long width) {
        return Linear.of(source, name, Init.XAVIER_UNIFORM, width, width);
    }

    @Override
    public Tensor apply(Tensor x, Strips strips) {
        return Scope.keepResult(() -> {
            long[] shape = x.shape(); // [B, C, H, W]
            Tensor tokens = norm.apply(x)
                    .permute(0, 2, 3, 1)
                    .reshape(shape[0], shape[2] * shape[3], shape[1])
                    .contiguous(); // [B, N, C]
            Tensor read = Ops.attention(heads(query, tokens), heads(key, tokens), heads(value, tokens))
                    .squeeze(1);
            Tensor branch = out.apply(read.contiguous())
                    .view(shape[0], shape[2], shape[3], shape[1])
                    .permute(0, 3, 1, 2);
            return Ops.addTo(branch, x);
        });
    }

    /** One head, [B, 1, N, C]. */
    private static Tensor heads(Linear linear, Tensor tokens) {
        return linear.apply(tokens).unsqueeze(1);
    }
}
