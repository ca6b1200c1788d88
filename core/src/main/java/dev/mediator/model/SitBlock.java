package dev.mediator.model;

import dev.mediator.nn.Attention;
import dev.mediator.nn.Init;
import dev.mediator.nn.Linear;
import dev.mediator.nn.MediatorAttention;
import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.Mlp;
import dev.mediator.nn.Modulation;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.SoftmaxAttention;
import dev.mediator.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A transformer block: attention and MLP, each normalised, modulated and gated by the condition (adaLN-zero). */
final class SitBlock {
    private final int index;
    private final String name;
    private final Linear modulation;
    private final Attention attention;
    private final Mlp mlp;

    SitBlock(ParameterSource model, SitConfig config, int index) {
        this.index = index;
        name = "blocks." + index;
        ParameterSource source = model.at(name + ".");
        int width = config.width();
        modulation = Linear.of(source, "adaLN_modulation.1", Init.ZERO, width, 6L * width);
        ParameterSource attn = source.at("attn.");
        attention = config.hasMediators(index)
                ? new MediatorAttention(attn, width, config.heads(), config.grid(), config.mediators())
                : new SoftmaxAttention(attn, width, config.heads());
        mlp = new Mlp(source.at("mlp."), width, config.hiddenWidth());
    }

    /**
     * @param x [B, N, D]
     * @param condition SiLU(c) [B, D]
     * @return [B, N, D]
     */
    Tensor apply(Tensor x, Tensor condition, MediatorCount mediators, ForwardProbe probe) {
        List<Modulation> modulations = Modulation.ofBlock(modulation.apply(condition));
        Modulation first = modulations.get(0);
        Modulation second = modulations.get(1);
        Tensor in = first.modulate(Ops.layerNorm(x));
        Tensor branch = attention.apply(in, mediators);
        probe.attention(index, () -> attention.maps(in, mediators));
        Tensor attended = first.residual(x, probe.see(name + ".attn", branch));
        Tensor out = second.residual(attended, mlp.apply(second.modulate(Ops.layerNorm(attended))));
        return probe.see(name, out);
    }
}
