package dev.mediator.model;

import dev.mediator.nn.FixedParameters;
import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Recorder;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.UseGuard;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The scalable interpolant transformer (SiT, arXiv 2401.08740) with softmax or mediator attention: predicts the
 * velocity (or score, or noise) of noisy images at time t for class y.
 *
 * <p>A model owns its tensors until it is closed. Any thread may use it: forward passes of several threads take turns, and closing
 * waits for the one in progress. After that it is refused with an {@link IllegalStateException}.
 */
public final class Sit implements AutoCloseable {
    private final SitConfig config;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final SitLayers layers;
    private final @Nullable FixedNetwork fixed;
    private final UseGuard guard = new UseGuard("the network");

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
            layers = new SitLayers(config, recorded);
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
        try (UseGuard.Use use = guard.use()) {
            fixed.record(recorder);
        }
    }

    /** The network's shape. */
    public SitConfig config() {
        return config;
    }

    /** Element type that the network computes in. */
    public DType dtype() {
        return layers.placement().dtype();
    }

    /** Where the network computes: where its parameters are. */
    public ComputeDevice device() {
        return layers.placement().device();
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
        try (UseGuard.Use use = guard.use()) {
            return Collections.unmodifiableMap(parameters);
        }
    }

    /** The fixed position table {@code pos_embed}, [1, N, D]. */
    public Tensor positions() {
        try (UseGuard.Use use = guard.use()) {
            return layers.positions();
        }
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
        try (UseGuard.Use use = guard.use()) {
            return new Sit(config, new StoredParameters(parameters(), target));
        }
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

    /** The same, with a choice of what is kept for the backward pass, where autograd records. */
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
        try (UseGuard.Use use = guard.use()) {
            return Scope.keepResult(() -> forwardUnguarded(xt, t, y, mediators, probe, activations));
        }
    }

    private Tensor forwardUnguarded(
            Tensor xt, Tensor t, Tensor y, MediatorCount mediators, ForwardProbe probe, Activations activations) {
        Tensor here = device().put(xt);
        Tensor predicted = GradMode.is_enabled() && fixed == null
                ? layers.record(here, t, y, mediators, probe, activations)
                : infer(here, t, y, mediators, probe);
        return ComputeDevice.of(xt).put(predicted);
    }

    private Tensor infer(Tensor xt, Tensor t, Tensor y, MediatorCount mediators, ForwardProbe probe) {
        if (xt.requires_grad() && GradMode.is_enabled()) {
            throw new IllegalStateException("a fixed network records no gradient; load it as one that is not");
        }
        try (NoGradGuard noGradient = new NoGradGuard();
                Scope scope = Scope.open()) {
            if (fixed == null || probe != ForwardProbe.NONE) {
                return scope.keep(layers.infer(xt, t, y, mediators, probe));
            }
            Tensor modulations = fixed.modulations().of(t, y, layers::modulations);
            return scope.keep(fixed.predict(
                    xt,
                    modulations,
                    mediators,
                    (x, rows, count) -> Scope.keepResult(
                            () -> layers.infer(x, fixed.modulations().split(rows), count))));
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            if (fixed != null) {
                fixed.close();
            } else {
                parameters.values().forEach(Tensor::close);
            }
            layers.close();
        });
    }
}
