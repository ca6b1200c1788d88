package dev.mediator.codec;

import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The codec of latent diffusion: an {@link Autoencoder} whose latents are multiplied by its scaling factor.
 *
 * <p>Any thread may use it: threads take turns at the network, which refuses to be used once it is closed.
 */
public final class AutoencoderCodec implements Codec {
    /** Pixels that are encoded together: enough for speed, and about a gigabyte in the published network. */
    private static final long PIXELS_AT_ONCE = 1L << 19;

    private final Autoencoder network;
    private final String fingerprint;
    private final String formerFingerprint;

    /**
     * Takes over a network: closing the codec closes it.
     *
     * @param fingerprint see {@link #fingerprint()}
     */
    public AutoencoderCodec(Autoencoder network, String fingerprint) {
        this(network, fingerprint, fingerprint);
    }

    private AutoencoderCodec(Autoencoder network, String fingerprint, String formerFingerprint) {
        this.network = network;
        this.fingerprint = fingerprint;
        this.formerFingerprint = formerFingerprint;
    }

    /**
     * Opens an autoencoder as diffusers stores it, see {@link AutoencoderFolder}.
     *
     * @param placement where it computes, and in what, F32 or BF16
     * @throws IOException if the folder holds no usable autoencoder
     */
    public static AutoencoderCodec open(Path folder, Placement placement) throws IOException {
        AutoencoderFolder.Loaded loaded = new AutoencoderFolder(folder).load(placement);
        return new AutoencoderCodec(loaded.network(), loaded.fingerprint(), loaded.formerFingerprint());
    }

    /** The network's shape. */
    public AutoencoderConfig config() {
        return network.config();
    }

    @Override
    public String name() {
        return "autoencoder";
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    /** True for the fingerprint of this codec, also as earlier versions wrote it into latents and networks. */
    public boolean isKnownAs(String expected) {
        return expected.equals(fingerprint) || expected.equals(formerFingerprint);
    }

    @Override
    public long[] latentShape(long... imageShape) {
        requireThree("an image", imageShape);
        network.requireImage(imageShape);
        int factor = config().factor();
        return new long[] {config().latentChannels(), imageShape[1] / factor, imageShape[2] / factor};
    }

    @Override
    public long[] imageShape(long... latentShape) {
        requireThree("a latent", latentShape);
        if (latentShape[0] != config().latentChannels()) {
            throw new IllegalArgumentException("latents have " + latentShape[0] + " channels, those of the autoencoder "
                    + config().latentChannels());
        }
        int factor = config().factor();
        return new long[] {config().outChannels(), latentShape[1] * factor, latentShape[2] * factor};
    }

    private static void requireThree(String what, long[] shape) {
        if (shape.length != 3) {
            throw new IllegalArgumentException(
                    "the shape of " + what + " has " + shape.length + " sizes, expected are C, H and W");
        }
    }

    @Override
    public Posterior posterior(Tensor images) {
        Shapes.require(images, "the images", Shapes.ANY, Shapes.ANY, Shapes.ANY, Shapes.ANY);
        long each = Math.max(1, PIXELS_AT_ONCE / (images.size(2) * images.size(3)));
        try (Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard()) {
            Tensor stacked = inParts(images.size(0), each, first -> {
                Tensor part = images.narrow(0, first, Math.min(each, images.size(0) - first));
                return network.posterior(part).scaled(config().scalingFactor()).stacked();
            });
            Posterior posterior = Posterior.ofStacked(stacked);
            return new Posterior(
                    scope.keep(posterior.mean().contiguous()),
                    scope.keep(posterior.std().contiguous()));
        }
    }

    /** One by one: an image then does not depend on those beside it, and memory not on their number. */
    @Override
    public Tensor decode(Tensor latents) {
        Shapes.require(latents, "the latents", Shapes.ANY, config().latentChannels(), Shapes.ANY, Shapes.ANY);
        try (NoGradGuard inference = new NoGradGuard()) {
            return Scope.keepResult(() -> inParts(
                    latents.size(0),
                    1,
                    i -> network.decode(Ops.mul(latents.narrow(0, i, 1), 1 / config().scalingFactor()))));
        }
    }

    private static Tensor inParts(long count, long each, LongFunction<Tensor> part) {
        List<Tensor> parts = new ArrayList<>();
        for (long first = 0; first < count; first += each) {
            long from = first;
            parts.add(Scope.keepResult(() -> part.apply(from)));
        }
        return Ops.cat(0, parts.toArray(Tensor[]::new));
    }

    @Override
    public void close() {
        network.close();
    }
}
