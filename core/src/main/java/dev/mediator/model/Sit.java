package dev.mediator.model;

import dev.mediator.nn.FinalLayer;
import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.LabelEmbedding;
import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.PatchEmbedding;
import dev.mediator.nn.PositionEmbedding;
import dev.mediator.nn.StoredParameters;
import dev.mediator.nn.TimeEmbedding;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The scalable interpolant transformer (SiT, arXiv 2401.08740) with softmax or mediator attention: predicts the
 * velocity (or score, or noise) of noisy images at time t for class y.
 *
 * <p>A model owns its tensors until it is closed, and can be used by one thread at a time.
 */
public final class Sit implements AutoCloseable {
    private final SitConfig config;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final DType dtype;
    private final Tensor positions; // [1, N, D]
    private final PatchEmbedding patchEmbedding;
    private final TimeEmbedding timeEmbedding;
    private final LabelEmbedding labelEmbedding;
    private final List<SitBlock> blocks = new ArrayList<>();
    private final FinalLayer finalLayer;

    /**
     * Builds the network over the source's tensors.
     *
     * @throws IllegalArgumentException if a tensor is missing or has another shape than the configuration says
     */
    public Sit(SitConfig config, ParameterSource source) {
        Engine.start();
        this.config = config;
        try (Scope scope = Scope.open()) {
            ParameterSource recorded = (name, init, shape) -> {
                Tensor tensor = scope.release(source.get(name, init, shape));
                parameters.put(name, tensor);
                return tensor;
            };
            int d = config.width();
            patchEmbedding = new PatchEmbedding(recorded, config.patchSize(), config.inChannels(), d);
            timeEmbedding = new TimeEmbedding(recorded, d);
            labelEmbedding = new LabelEmbedding(recorded, config.numClasses(), d);
            for (int i = 0; i < config.depth(); i++) {
                blocks.add(new SitBlock(recorded, config, i));
            }
            int outputs = config.patchSize() * config.patchSize() * config.outChannels();
            finalLayer = new FinalLayer(recorded, d, outputs);
            dtype = DType.of(patchEmbedding.weight());
            positions = scope.release(Tensors.to(PositionEmbedding.table(d, config.grid()), dtype));
        }
    }

    /** A freshly initialised network in fp32; with zero gates and a zero last layer it predicts 0. */
    public static Sit fresh(SitConfig config, long seed) {
        return new Sit(config, new FreshParameters(seed));
    }

    /** The network's shape. */
    public SitConfig config() {
        return config;
    }

    /** Element type that the network computes in. */
    public DType dtype() {
        return dtype;
    }

    /** The trained tensors by checkpoint name, in construction order; {@code pos_embed} is computed and not among them. */
    public Map<String, Tensor> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    /** The fixed position table {@code pos_embed}, [1, N, D]. */
    public Tensor positions() {
        return positions;
    }

    /** Number of trained values. */
    public long parameterCount() {
        return parameters.values().stream().mapToLong(Tensor::numel).sum();
    }

    /** A copy in another element type, over tensors of its own. */
    public Sit to(DType target) {
        return new Sit(config, new StoredParameters(parameters, target));
    }

    /** {@link #forward(Tensor, Tensor, Tensor, MediatorCount)} with the largest mediator count. */
    public Tensor forward(Tensor xt, Tensor t, Tensor y) {
        return forward(xt, t, y, config.largestMediators());
    }

    /**
     * Predicts for a batch.
     *
     * @param xt noisy images or latents [B, C, H, W]
     * @param t times [B], 0 noise to 1 data
     * @param y labels [B] int64, {@link SitConfig#nullLabel()} for none
     * @param mediators one of the configuration's choices
     * @return [B, C, H, W] in fp32
     */
    public Tensor forward(Tensor xt, Tensor t, Tensor y, MediatorCount mediators) {
        return forward(xt, t, y, mediators, ForwardProbe.NONE);
    }

    /** The same, showing intermediate results to a probe. */
    public Tensor forward(Tensor xt, Tensor t, Tensor y, MediatorCount mediators, ForwardProbe probe) {
        return forward(xt, t, y, mediators, probe, Activations.KEPT);
    }

    /** The same, with a choice of what is kept for the way back, where autograd records. */
    public Tensor forward(
            Tensor xt, Tensor t, Tensor y, MediatorCount mediators, ForwardProbe probe, Activations activations) {
        long size = config.inputSize();
        Shapes.require(xt, "xt", Shapes.ANY, config.inChannels(), size, size);
        Shapes.require(t, "t", xt.size(0));
        Shapes.require(y, "y", xt.size(0));
        if (!config.mediators().contains(mediators)) {
            throw new IllegalArgumentException(
                    "mediator count is " + mediators + ", the network's choices are " + config.mediators());
        }
        try (Scope scope = Scope.open()) {
            Tensor patches = probe.see("x_embedder", patchEmbedding.apply(Tensors.to(xt, dtype)));
            Tensor time = probe.see("t_embedder", timeEmbedding.apply(t));
            Tensor label = probe.see("y_embedder", labelEmbedding.apply(y));
            Tensor condition = torch.silu(time.add(label)); // [B, D]
            Tensor tokens = patches.add(positions); // [B, N, D]
            Tensor x = SitBlock.applyAll(blocks, tokens, condition, mediators, probe, activations); // [B, N, D]
            Tensor out = probe.see("final_layer", finalLayer.apply(x, condition)); // [B, N, p·p·C_out]
            return scope.keep(Tensors.to(unpatchify(out), DType.F32));
        }
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
        parameters.values().forEach(Tensor::close);
        positions.close();
    }
}
