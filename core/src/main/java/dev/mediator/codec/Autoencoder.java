package dev.mediator.codec;

import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The variational autoencoder of latent diffusion (arXiv 2112.10752), diffusers' {@code AutoencoderKL}, by its tensor names.
 * Works on latents as the network has them, without the scaling factor.
 *
 * <p>A network owns its tensors until it is closed. Any thread may use it: several take turns, and closing waits for the use in
 * progress. After that it is refused with an {@link IllegalStateException}.
 */
public final class Autoencoder implements AutoCloseable {
    /** Logarithms of variances are kept in this range, as in the published network. */
    private static final double MIN_LOG_VARIANCE = -30;

    private static final double MAX_LOG_VARIANCE = 20;

    private final AutoencoderConfig config;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Layer encoder;
    private final Layer decoder;
    private final Placement placement;
    private final Strips strips;
    private final UseGuard guard = new UseGuard("the autoencoder");

    /**
     * Builds the network over the source's tensors.
     *
     * @throws IllegalArgumentException if a tensor is missing or has another shape than the configuration says
     */
    public Autoencoder(AutoencoderConfig config, ParameterSource source) {
        this(config, source, Strips::on);
    }

    /** @param strips which ones are used on the device where the parameters are */
    Autoencoder(AutoencoderConfig config, ParameterSource source, Function<ComputeDevice, Strips> strips) {
        Engine.start();
        this.config = config;
        try (Scope scope = Scope.open()) {
            ParameterSource recorded = (name, init, shape) -> {
                Tensor tensor = scope.release(source.get(name, init, shape));
                parameters.put(name, tensor);
                return tensor;
            };
            encoder = Encoder.of(recorded, config);
            decoder = Decoder.of(recorded, config);
            placement = Placement.of(parameters.values().iterator().next());
            this.strips = strips.apply(placement.device());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** A freshly initialised network in fp32. */
    public static Autoencoder fresh(AutoencoderConfig config, long seed) {
        return new Autoencoder(config, new FreshParameters(seed));
    }

    /** The network's shape. */
    public AutoencoderConfig config() {
        return config;
    }

    /** The trained tensors by name. */
    public Map<String, Tensor> parameters() {
        try (UseGuard.Use use = guard.use()) {
            return Collections.unmodifiableMap(parameters);
        }
    }

    /**
     * What the encoder makes of images.
     *
     * @param images [B, C, H, W] in [−1, 1], H and W multiples of {@link AutoencoderConfig#factor}
     * @return means and standard deviations [B, L, H/f, W/f] in fp32, where the parameters are
     */
    public Posterior posterior(Tensor images) {
        requireImage(Shapes.of(Shapes.require(images, "the images", Shapes.ANY, Shapes.ANY, Shapes.ANY, Shapes.ANY)));
        try (UseGuard.Use use = guard.use();
                Scope scope = Scope.open()) {
            Tensor moments = Tensors.to(encoder.apply(input(images), strips), DType.F32);
            List<Tensor> parts = Ops.split(moments, 2, 1);
            Tensor logVariance = torch.clamp(
                    parts.get(1),
                    new ScalarOptional(new Scalar(MIN_LOG_VARIANCE)),
                    new ScalarOptional(new Scalar(MAX_LOG_VARIANCE)));
            Tensor mean = parts.get(0).contiguous();
            Tensor std = Ops.mul(logVariance, 0.5).exp().contiguous();
            return new Posterior(scope.keep(mean), scope.keep(std));
        }
    }

    /**
     * What the decoder makes of latents.
     *
     * @param latents [B, L, h, w]
     * @return [B, C, f·h, f·w] in fp32, about [−1, 1], where the parameters are
     */
    public Tensor decode(Tensor latents) {
        Shapes.require(latents, "the latents", Shapes.ANY, config.latentChannels(), Shapes.ANY, Shapes.ANY);
        try (UseGuard.Use use = guard.use()) {
            return Scope.keepResult(() ->
                    Tensors.to(decoder.apply(input(latents), strips), DType.F32).contiguous());
        }
    }

    /** Channels-last memory, which oneDNN convolves without rearranging it. */
    private Tensor input(Tensor x) {
        return Tensors.to(placement.device().put(x), placement.dtype()).contiguous(torch.MemoryFormat.ChannelsLast);
    }

    /** @param shape […, C, H, W] */
    void requireImage(long... shape) {
        long channels = shape[shape.length - 3];
        long height = shape[shape.length - 2];
        long width = shape[shape.length - 1];
        if (channels != config.inChannels()) {
            throw new IllegalArgumentException(
                    "images have " + channels + " channels, the autoencoder takes " + config.inChannels());
        }
        if (height < 1 || width < 1 || height % config.factor() != 0 || width % config.factor() != 0) {
            throw new IllegalArgumentException("images have " + width + "×" + height
                    + " pixels, the autoencoder takes sides that are multiples of " + config.factor());
        }
    }

    @Override
    public void close() {
        guard.close(() -> parameters.values().forEach(Tensor::close));
    }
}
