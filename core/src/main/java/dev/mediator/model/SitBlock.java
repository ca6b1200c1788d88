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
import dev.mediator.tensor.Saved;
import dev.mediator.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

    /** What the condition SiLU(c) [B, D] makes of this block: shift, scale and gate of both branches, [B, 6·D]. */
    Tensor modulation(Tensor condition) {
        return modulation.apply(condition);
    }

    /**
     * Applies blocks one after the other, recording no gradient.
     *
     * @param x [B, N, D], overwritten by the result
     * @param modulations of each block, [B, 6·D]
     */
    static void infer(
            List<SitBlock> blocks, Tensor x, List<Tensor> modulations, MediatorCount mediators, ForwardProbe probe) {
        for (int i = 0; i < blocks.size(); i++) {
            try (Scope scope = Scope.open()) {
                blocks.get(i).infer(x, modulations.get(i), mediators, probe);
            }
        }
    }

    /**
     * Applies blocks one after the other. Autograd records all of them as one operation, whose backward pass is written by hand:
     * libtorch's own takes a sixth longer.
     *
     * @param x [B, N, D]
     * @param condition SiLU(c) [B, D]
     * @param activations what the record keeps
     * @return [B, N, D]
     */
    static Tensor record(
            List<SitBlock> blocks,
            Tensor x,
            Tensor condition,
            MediatorCount mediators,
            ForwardProbe probe,
            Activations activations) {
        List<Conditioned> conditioned = blocks.stream()
                .map(block -> block.new Conditioned(condition, mediators))
                .toList();
        List<Tensor> inputs = conditioned.stream().flatMap(Conditioned::inputs).toList();
        return CustomGradient.of(x, inputs, saved -> {
            Tensor out = x;
            Tensor c = saved.keep(condition);
            List<CustomGradient.Backward> ways = new ArrayList<>();
            for (Conditioned block : conditioned) {
                try (Scope scope = Scope.open()) {
                    CustomGradient.Result result =
                            switch (activations) {
                                case KEPT -> block.record(out, probe, saved);
                                case RECOMPUTED -> block.recordToRecompute(saved.keep(out), c, probe);
                            };
                    ways.add(0, result.backward());
                    out = scope.keep(result.value());
                }
            }
            return new CustomGradient.Result(out, (dOut, gradients) -> {
                Tensor d = dOut;
                for (CustomGradient.Backward way : ways) {
                    Tensor dOfOut = d;
                    d = Scope.keepResult(() -> way.apply(dOfOut, gradients));
                }
                return d;
            });
        });
    }

    private void infer(Tensor x, Tensor parts, MediatorCount mediators, ForwardProbe probe) {
        List<Modulation> modulations = Modulation.ofBlock(parts);
        Modulation first = modulations.get(0);
        Modulation second = modulations.get(1);
        Tensor in = first.modulate(Ops.layerNorm(x));
        Tensor branch = attention.infer(in, mediators);
        probe.attention(index, () -> attention.maps(in, mediators));
        first.addTo(x, probe.see(name + ".attn", branch));
        second.addTo(x, mlp.apply(second.modulate(Ops.layerNorm(x))));
        probe.see(name, x);
    }

    /** The block with what it gets beside tokens, made by operations that autograd goes back through by itself. */
    private final class Conditioned {
        private final MediatorCount mediators;
        private final List<Modulation> modulations;
        private final List<Tensor> biases;

        Conditioned(Tensor condition, MediatorCount mediators) {
            this.mediators = mediators;
            modulations = Modulation.ofBlock(modulation.apply(condition));
            biases = attention.positionBiases(mediators);
        }

        /** All that the block gives a gradient of, beside that of its tokens. */
        Stream<Tensor> inputs() {
            return Stream.of(
                            modulations.get(0).parts(),
                            modulations.get(1).parts(),
                            biases,
                            attention.parameters(),
                            mlp.parameters())
                    .flatMap(List::stream);
        }

        CustomGradient.Result record(Tensor x, ForwardProbe probe, Saved saved) {
            CustomGradient.Result attended =
                    modulations.get(0).record(x, in -> recordAttention(in, probe, saved), saved);
            CustomGradient.Result out = modulations.get(1).record(attended.value(), in -> mlp.record(in, saved), saved);
            return new CustomGradient.Result(probe.see(name, out.value()), (dOut, gradients) -> attended.backward()
                    .apply(out.backward().apply(dOut, gradients), gradients));
        }

        /** The same, for which nothing is kept but its arguments: the backward pass begins with computing the block anew. */
        CustomGradient.Result recordToRecompute(Tensor x, Tensor condition, ForwardProbe probe) {
            List<Tensor> inputs = inputs().toList();
            Tensor value = Saved.during(saved -> record(x, probe, saved).value());
            return new CustomGradient.Result(
                    value,
                    (dOut, gradients) -> Saved.during(saved -> {
                        Conditioned anew = new Conditioned(condition, mediators);
                        CustomGradient.Backward way = anew.wayBack(x, saved);
                        return way.apply(
                                dOut, gradients.of(inputs, anew.inputs().toList()));
                    }));
        }

        /** What the pass itself needs is freed before its backward pass is gone. */
        private CustomGradient.Backward wayBack(Tensor x, Saved saved) {
            try (Scope scope = Scope.open()) {
                return record(x, ForwardProbe.NONE, saved).backward();
            }
        }

        private CustomGradient.Result recordAttention(Tensor in, ForwardProbe probe, Saved saved) {
            CustomGradient.Result branch = attention.record(in, mediators, biases, saved);
            probe.attention(index, () -> attention.maps(in, mediators));
            probe.see(name + ".attn", branch.value());
            return branch;
        }
    }
}
