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
import dev.mediator.tensor.CustomGradient;
import dev.mediator.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/** A transformer block: attention and MLP, each normalised, modulated and gated by the condition (adaLN-zero). */
final class SitBlock {
    private final String name;
    private final Linear modulation;
    private final Attention attention;
    private final Mlp mlp;

    SitBlock(ParameterSource model, SitConfig config, int index) {
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
     * Applies the block; autograd records it, if it is recording, as one operation.
     *
     * @param x [B, N, D]
     * @param condition SiLU(c) [B, D]
     * @return [B, N, D]
     */
    Tensor apply(Tensor x, Tensor condition, MediatorCount mediators, ForwardProbe probe) {
        List<Modulation> modulations = Modulation.ofBlock(modulation.apply(condition));
        Modulation first = modulations.get(0);
        Modulation second = modulations.get(1);
        Tensor out = GradMode.is_enabled()
                ? recorded(x, first, second, mediators, probe)
                : inferred(x, first, second, mediators, probe);
        return probe.see(name, out);
    }

    private Tensor inferred(Tensor x, Modulation first, Modulation second, MediatorCount mediators, ForwardProbe probe) {
        Tensor branch = attention.infer(first.modulate(Ops.layerNorm(x)), mediators);
        Tensor attended = first.residual(x, probe.see(name + ".attn", branch));
        return second.residual(attended, mlp.apply(second.modulate(Ops.layerNorm(attended))));
    }

    private Tensor recorded(Tensor x, Modulation first, Modulation second, MediatorCount mediators, ForwardProbe probe) {
        List<Tensor> biases = attention.positionBiases(mediators);
        List<Tensor> inputs = new ArrayList<>(biases);
        inputs.addAll(first.parts());
        inputs.addAll(second.parts());
        inputs.addAll(attention.parameters());
        inputs.addAll(mlp.parameters());
        return CustomGradient.of(x, inputs, saved -> {
            CustomGradient.Result attended =
                    first.record(
                            x,
                            in -> {
                                CustomGradient.Result branch = attention.record(in, mediators, biases, saved);
                                probe.see(name + ".attn", branch.value());
                                return branch;
                            },
                            saved);
            CustomGradient.Result out = second.record(attended.value(), in -> mlp.record(in, saved), saved);
            return new CustomGradient.Result(out.value(), (dOut, gradients) -> attended.backward()
                    .apply(out.backward().apply(dOut, gradients), gradients));
        });
    }
}
