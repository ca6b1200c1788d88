package dev.mediator.model;

import dev.mediator.nn.FinalLayer;
import dev.mediator.nn.FixedParameters;
import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.LabelEmbedding;
import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.PatchEmbedding;
import dev.mediator.nn.PositionEmbedding;
import dev.mediator.nn.StoredParameters;
import dev.mediator.nn.TimeEmbedding;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Recorder;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The scalable interpolant transformer (SiT, arXiv 2401.08740) with softmax or mediator attention: predicts the
 * velocity (or score, or noise) of noisy images at time t for class y.
 *
 * <p>A model owns its tensors until it is closed, and can be used by one thread at a time.
 */
public final class Sit implements AutoCloseable {
    private final SitConfig config;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Placement placement;
    private final Tensor positions; // [1, N, D]
    private final PatchEmbedding patchEmbedding;
    private final TimeEmbedding timeEmbedding;
    private final LabelEmbedding labelEmbedding;
    private final List<SitBlock> blocks = new ArrayList<>();
    private final FinalLayer finalLayer;
    private final @Nullable FixedNetwork fixed;

    /**
     * Builds the network over the source's tensors.
     *
     * @throws IllegalArgumentException if a tensor is missing or has another shape than the configuration says
     */
    public Sit(SitConfig config, ParameterSource source) {
        this(config, source, null);
    }

    private Sit(SitConfig config, ParameterSource source, @Nullable FixedNetwork fixed) {
        Engine.start();
        this.config = config;
        this.fixed = fixed;
        try (Scope scope = Scope.open()) {
            ParameterSource recorded = fixed != null
                    ? source
                    : (name, init, shape) -> {
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
            placement = Placement.of(patchEmbedding.weight());
            positions = scope.release(placement.put(PositionEmbedding.table(d, config.grid())));
        }
    }

    /** A freshly initialised network in fp32; with zero gates and a zero last layer it predicts 0. */
    public static Sit fresh(SitConfig config, long seed) {
        return new Sit(config, new FreshParameters(seed));
    }

    /**
     * A network that only infers, and does so faster: weights are packed for the machine's products, position biases resized
     * and summed once, modulations computed once for each time and class that comes back. It cannot be trained, saved or
     * copied, and takes its values from the source now: later changes of them are not seen.
     */
    public static Sit fixed(SitConfig config, ParameterSource source) {
        FixedNetwork fixed = new FixedNetwork(new FixedParameters(source));
        try {
            return new Sit(config, fixed.parameters(), fixed);
        } catch (RuntimeException e) {
            fixed.close();
            throw e;
        }
    }

    /**
     * From now on forward passes are recorded, each shape and mediator count for itself, and replayed. They answer as before. Those
     * that a probe sees are not replayed.
     *
     * @param recorder of the device where the network computes; taken over, unless this throws
     * @throws IllegalStateException if this is no {@link #fixed} network, or passes are recorded already
     */
    public void recordPasses(Recorder recorder) {
        if (fixed == null || fixed.isRecorded()) {
            throw new IllegalStateException(
                    fixed == null
                            ? "only a fixed network's passes can be recorded; load it as one that is"
                            : "the network's passes are recorded already");
        }
        fixed.record(recorder);
    }

    /** The network's shape. */
    public SitConfig config() {
        return config;
    }

    /** Element type that the network computes in. */
    public DType dtype() {
        return placement.dtype();
    }

    /** Where the network computes: where its parameters are. */
    public ComputeDevice device() {
        return placement.device();
    }

    /**
     * The trained tensors by checkpoint name, in construction order; {@code pos_embed} is computed and not among them.
     *
     * @throws IllegalStateException if this is a {@link #fixed} network
     */
    public Map<String, Tensor> parameters() {
        if (fixed != null) {
            throw new IllegalStateException("a fixed network has no plain parameters; load it as one that is not");
        }
        return Collections.unmodifiableMap(parameters);
    }

    /** The fixed position table {@code pos_embed}, [1, N, D]. */
    public Tensor positions() {
        return positions;
    }

    /** Number of trained values. */
    public long parameterCount() {
        return parameters().values().stream().mapToLong(Tensor::numel).sum();
    }

    /** A copy in another element type, over tensors of its own. */
    public Sit to(DType target) {
        return to(new Placement(device(), target));
    }

    /** A copy elsewhere or in another element type, over tensors of its own. */
    public Sit to(Placement target) {
        return new Sit(config, new StoredParameters(parameters(), target));
    }

    /** {@link #forward(Tensor, Tensor, Tensor, MediatorCount)} with the largest mediator count. */
    public Tensor forward(Tensor xt, Tensor t, Tensor y) {
        return forward(xt, t, y, config.largestMediators());
    }

    /**
     * Predicts for a batch, whose tensors may be anywhere: on another device than the network's, copies are made. Times and
     * labels are best on the host, since a fixed network looks at them.
     *
     * @param xt noisy images or latents [B, C, H, W]
     * @param t times [B], 0 noise to 1 data
     * @param y labels [B] int64, {@link SitConfig#nullLabel()} for none
     * @param mediators one of the configuration's choices
     * @return [B, C, H, W] in fp32, where {@code xt} is
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
        return Scope.keepResult(() -> {
            Tensor here = device().put(xt);
            Tensor predicted = GradMode.is_enabled() && fixed == null
                    ? record(here, t, y, mediators, probe, activations)
                    : infer(here, t, y, mediators, probe);
            return ComputeDevice.of(xt).put(predicted);
        });
    }

    private Tensor record(
            Tensor xt, Tensor t, Tensor y, MediatorCount mediators, ForwardProbe probe, Activations activations) {
        try (Scope scope = Scope.open()) {
            Tensor tokens = tokens(xt, probe);
            Tensor condition = condition(t, y, probe);
            Tensor x = SitBlock.record(blocks, tokens, condition, mediators, probe, activations);
            return scope.keep(image(x, finalLayer.modulation(condition), probe));
        }
    }

    private Tensor infer(Tensor xt, Tensor t, Tensor y, MediatorCount mediators, ForwardProbe probe) {
        if (xt.requires_grad() && GradMode.is_enabled()) {
            throw new IllegalStateException("a fixed network records no gradient; load it as one that is not");
        }
        try (NoGradGuard noGradient = new NoGradGuard();
                Scope scope = Scope.open()) {
            if (fixed != null && probe == ForwardProbe.NONE) {
                Tensor modulations = fixed.modulations().of(t, y, this::modulations);
                return scope.keep(fixed.predict(
                        xt,
                        modulations,
                        mediators,
                        (x, rows, count) -> Scope.keepResult(() ->
                                infer(tokens(x, probe), fixed.modulations().split(rows), count, probe))));
            }
            Tensor tokens = tokens(xt, probe);
            return scope.keep(infer(tokens, modulations(condition(t, y, probe)), mediators, probe));
        }
    }

    /** Applies the blocks and the last layer to tokens [B, N, D], which are overwritten. */
    private Tensor infer(Tensor tokens, List<Tensor> modulations, MediatorCount mediators, ForwardProbe probe) {
        SitBlock.infer(blocks, tokens, modulations, mediators, probe);
        return image(tokens, modulations.get(blocks.size()), probe);
    }

    /** The embedded patches with their positions, [B, N, D]. */
    private Tensor tokens(Tensor xt, ForwardProbe probe) {
        return probe.see("x_embedder", patchEmbedding.apply(Tensors.to(xt, dtype())))
                .add(positions);
    }

    /** SiLU(c) [B, D], c the sum of the embeddings of time and class. */
    private Tensor condition(Tensor t, Tensor y, ForwardProbe probe) {
        Tensor time = probe.see("t_embedder", timeEmbedding.apply(t));
        Tensor label = probe.see("y_embedder", labelEmbedding.apply(y));
        return torch.silu(time.add(label));
    }

    private List<Tensor> modulations(Tensor t, Tensor y) {
        return modulations(condition(t, y, ForwardProbe.NONE));
    }

    /** What a condition makes of each block, [B, 6·D], and of the final layer, [B, 2·D]. */
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
        if (fixed != null) {
            fixed.close();
        } else {
            parameters.values().forEach(Tensor::close);
        }
        positions.close();
    }
}
