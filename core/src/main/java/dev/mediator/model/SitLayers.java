package dev.mediator.model;

import dev.mediator.nn.FinalLayer;
import dev.mediator.nn.LabelEmbedding;
import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.PatchEmbedding;
import dev.mediator.nn.PositionEmbedding;
import dev.mediator.nn.TimeEmbedding;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The layers of a {@link Sit}, and the ways through them: from images to tokens, through the blocks, and back to images. */
final class SitLayers implements AutoCloseable {
    private final SitConfig config;
    private final PatchEmbedding patchEmbedding;
    private final TimeEmbedding timeEmbedding;
    private final LabelEmbedding labelEmbedding;
    private final List<SitBlock> blocks = new ArrayList<>();
    private final FinalLayer finalLayer;
    private final Placement placement;
    private final Tensor positions; // [1, N, D]

    /** Asks the source for all tensors, in the order of published checkpoints. */
    SitLayers(SitConfig config, ParameterSource source) {
        this.config = config;
        int d = config.width();
        patchEmbedding = new PatchEmbedding(source, config.patchSize(), config.inChannels(), d);
        timeEmbedding = new TimeEmbedding(source, d);
        labelEmbedding = new LabelEmbedding(source, config.labelRows(), d);
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(new SitBlock(source, config, i));
        }
        int outputs = config.patchSize() * config.patchSize() * config.outChannels();
        finalLayer = new FinalLayer(source, d, outputs);
        placement = Placement.of(patchEmbedding.weight());
        try (Scope scope = Scope.open()) {
            positions = scope.release(placement.put(PositionEmbedding.table(d, config.grid())));
        }
    }

    /** Where the layers compute, and in what. */
    Placement placement() {
        return placement;
    }

    /** The fixed position table {@code pos_embed}, [1, N, D]. */
    Tensor positions() {
        return positions;
    }

    /** A whole pass that autograd records. */
    Tensor record(Tensor xt, Tensor t, Tensor y, MediatorCount mediators, ForwardProbe probe, Activations activations) {
        Tensor tokens = tokens(xt, probe);
        Tensor condition = condition(t, y, probe);
        Tensor x = SitBlock.record(blocks, tokens, condition, mediators, probe, activations);
        return image(x, finalLayer.modulation(condition), probe);
    }

    /** A whole pass without gradients. */
    Tensor infer(Tensor xt, Tensor t, Tensor y, MediatorCount mediators, ForwardProbe probe) {
        Tensor tokens = tokens(xt, probe);
        return throughBlocks(tokens, modulations(condition(t, y, probe)), mediators, probe);
    }

    /** A pass without gradients whose modulations are known. */
    Tensor infer(Tensor xt, List<Tensor> modulations, MediatorCount mediators) {
        return throughBlocks(tokens(xt, ForwardProbe.NONE), modulations, mediators, ForwardProbe.NONE);
    }

    /** Applies the blocks and the last layer to tokens [B, N, D], which are overwritten. */
    private Tensor throughBlocks(Tensor tokens, List<Tensor> modulations, MediatorCount mediators, ForwardProbe probe) {
        SitBlock.infer(blocks, tokens, modulations, mediators, probe);
        return image(tokens, modulations.get(blocks.size()), probe);
    }

    /** The embedded patches with their positions, [B, N, D]. */
    private Tensor tokens(Tensor xt, ForwardProbe probe) {
        return probe.see("x_embedder", patchEmbedding.apply(Tensors.to(xt, placement.dtype())))
                .add(positions);
    }

    /** SiLU(c) [B, D], c the sum of the embeddings of time and class. */
    private Tensor condition(Tensor t, Tensor y, ForwardProbe probe) {
        Tensor time = probe.see("t_embedder", timeEmbedding.apply(t));
        Tensor label = probe.see("y_embedder", labelEmbedding.apply(y));
        return torch.silu(time.add(label));
    }

    /** What times [B] and labels [B] make of each block, [B, 6·D], and of the final layer, [B, 2·D]. */
    List<Tensor> modulations(Tensor t, Tensor y) {
        return modulations(condition(t, y, ForwardProbe.NONE));
    }

    private List<Tensor> modulations(Tensor condition) {
        List<Tensor> all = new ArrayList<>();
        for (SitBlock block : blocks) {
            all.add(block.modulation(condition));
        }
        all.add(finalLayer.modulation(condition));
        return all;
    }

    /** [B, N, D] → [B, C, H, W] in fp32. */
    private Tensor image(Tensor x, Tensor modulation, ForwardProbe probe) {
        Tensor tokens = probe.see("final_layer", finalLayer.apply(x, modulation)); // [B, N, p·p·C_out]
        return Tensors.to(unpatchify(tokens), DType.F32);
    }

    /** [B, N, p·p·C_out] → [B, C, H, W]; with learnSigma the second half of the channels is dropped. */
    private Tensor unpatchify(Tensor tokens) {
        long p = config.patchSize();
        long grid = config.grid();
        long size = config.inputSize();
        return tokens.view(tokens.size(0), grid, grid, p, p, config.outChannels())
                .narrow(5, 0, config.inChannels())
                .permute(0, 5, 1, 3, 2, 4) // [B, C, h, p, w, p]
                .reshape(tokens.size(0), config.inChannels(), size, size);
    }

    @Override
    public void close() {
        positions.close();
    }
}
