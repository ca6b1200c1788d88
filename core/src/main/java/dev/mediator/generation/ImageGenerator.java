package dev.mediator.generation;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.Codec;
import dev.mediator.codec.PixelCodec;
import dev.mediator.image.Picture;
import dev.mediator.model.FlopCount;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.PerSampleNoise;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SamplingException;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes pictures with a network. Holds native memory until it is closed; one thread at a time.
 *
 * <pre>{@code
 * try (ImageGenerator generator = ImageGenerator.open(path, Weights.EMA, DType.F32)) {
 *     Generation made = generator.generate(List.of(new ImageRequest(7, 0)), settings, GenerationObserver.NONE);
 *     PngFile.write(Path.of("sneaker.png"), made.pictures().get(0));
 * }
 * }</pre>
 */
public final class ImageGenerator implements AutoCloseable {
    private static final long NOISE_STREAM = 0;

    private final Sit sit;
    private final List<String> classNames;
    private final Transport transport;
    private final Codec codec;

    /**
     * Takes over network and codec: closing the generator closes both.
     *
     * @throws IllegalArgumentException if what the codec makes of the network's output is neither grey nor colour
     */
    public ImageGenerator(Sit sit, List<String> classNames, Transport transport, Codec codec) {
        requirePictures(sit.config(), codec);
        this.sit = sit;
        this.classNames = List.copyOf(classNames);
        this.transport = transport;
        this.codec = codec;
    }

    /**
     * Opens a checkpoint whose network works on pixels.
     *
     * @param weights which weights of a training's checkpoint
     * @param dtype what the network computes in
     * @throws IOException if the file is no usable checkpoint
     */
    public static ImageGenerator open(Path checkpoint, Weights weights, DType dtype) throws IOException {
        SitCheckpoint description;
        try (SafeTensors file = SafeTensors.open(checkpoint)) {
            description = SitCheckpoint.describe(file);
        }
        Transport transport = transport(description, checkpoint);
        Codec codec = new PixelCodec();
        try {
            requirePictures(description.config(), codec);
        } catch (IllegalArgumentException e) {
            throw new IOException(checkpoint + ": " + e.getMessage(), e);
        }
        Sit sit = SitCheckpoint.load(checkpoint, weights, dtype);
        return new ImageGenerator(sit, description.classNames(), transport, codec);
    }

    private static void requirePictures(SitConfig config, Codec codec) {
        long channels = codec.imageShape(config.inChannels(), config.inputSize(), config.inputSize())[0];
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("the network works on " + config.inChannels() + " channels, which the "
                    + codec.name() + " codec turns into " + channels + "; a picture has 1 (grey) or 3 (colour)");
        }
    }

    /** Files that do not say what their network predicts are taken for velocity on the linear path, SiT's default. */
    private static Transport transport(SitCheckpoint description, Path checkpoint) throws IOException {
        if (description.transport().isEmpty()) {
            return Transport.LINEAR_VELOCITY;
        }
        try {
            return new JsonMapper().treeToValue(description.transport(), Transport.class);
        } catch (JacksonException e) {
            String reason = e.getCause() instanceof IllegalArgumentException cause && cause.getMessage() != null
                    ? cause.getMessage()
                    : e.getOriginalMessage();
            throw new IOException(checkpoint + ": its 'transport' cannot be read: " + reason, e);
        }
    }

    /** The network's shape. */
    public SitConfig config() {
        return sit.config();
    }

    /** Names of the classes 0, 1, …; a class without a name has its number. */
    public List<String> classNames() {
        return IntStream.range(0, sit.config().numClasses())
                .mapToObj(i -> i < classNames.size() ? classNames.get(i) : Integer.toString(i))
                .toList();
    }

    /**
     * Makes one batch. A solver that chooses its own steps makes its pictures one by one: it turns differences in the last
     * digit, which come from the size of a batch, into other steps.
     *
     * @param requests the pictures, made together; more at a time are faster and need more memory
     * @param observer told of every step
     * @throws IllegalArgumentException if a class or setting is not one of this network
     * @throws SamplingException if the sampler cannot go on, such as with weights that are not finite
     */
    public Generation generate(List<ImageRequest> requests, GenerationSettings settings, GenerationObserver observer) {
        requireClasses(requests);
        requireUsable(settings);
        Meter meter = new Meter(sit.config(), settings.mediators());
        if (settings.sampler().plannedSteps().isPresent()) {
            return new Generation(together(requests, settings, observer, meter), meter.spent());
        }
        List<Picture> pictures = new ArrayList<>();
        for (ImageRequest request : requests) {
            pictures.addAll(together(List.of(request), settings, observer, meter));
        }
        return new Generation(pictures, meter.spent());
    }

    private List<Picture> together(
            List<ImageRequest> requests, GenerationSettings settings, GenerationObserver observer, Meter meter) {
        try (Scope scope = Scope.open()) {
            int size = sit.config().inputSize();
            PerSampleNoise noise = new PerSampleNoise(requests.stream()
                    .map(r -> new RandomStream(r.seed(), NOISE_STREAM))
                    .toList());
            Tensor x0 = noise.start(sit.config().inChannels(), size, size); // [B, C, H, W]
            Tensor y =
                    Tensors.of(requests.stream().mapToLong(ImageRequest::label).toArray(), requests.size());
            Guidance.Predictor predictor = (xt, t, labels) -> {
                meter.count(xt.size(0));
                return sit.forward(xt, t, labels, settings.mediators());
            };
            Tensor latents = new Sampler(transport, settings.sampler())
                    .run(
                            (xt, t, labels) -> settings.guidance()
                                    .predict(predictor, sit.config().nullLabel(), xt, t, labels),
                            x0,
                            y,
                            noise,
                            step -> observer.onStep(step, meter.spent()))
                    .x();
            return Picture.ofBatch(codec.decode(latents));
        }
    }

    /**
     * Checks settings against the network, before anything is made.
     *
     * @throws IllegalArgumentException if this network cannot be sampled with them
     */
    public void requireUsable(GenerationSettings settings) {
        if (!sit.config().mediators().contains(settings.mediators())) {
            throw new IllegalArgumentException("mediators is " + settings.mediators() + ", the network serves "
                    + sit.config().mediators());
        }
        if (settings.guidance().channels() > sit.config().inChannels()) {
            throw new IllegalArgumentException("guidance channels is "
                    + settings.guidance().channels() + ", the network has "
                    + sit.config().inChannels());
        }
        settings.sampler().interval(transport); // checks that steps remain before the last one
    }

    private void requireClasses(List<ImageRequest> requests) {
        if (requests.isEmpty()) {
            throw new IllegalArgumentException("no picture is asked for");
        }
        for (ImageRequest request : requests) {
            if (request.label() < 0 || request.label() > sit.config().nullLabel()) {
                throw new IllegalArgumentException("class is " + request.label() + ", allowed are 0 to "
                        + (sit.config().numClasses() - 1) + " and "
                        + sit.config().nullLabel() + " for none");
            }
        }
    }

    @Override
    public void close() {
        sit.close();
        codec.close();
    }

    /** Counts forward passes. */
    private static final class Meter {
        private final long macs;
        private final long macsFull;
        private long evaluations;

        Meter(SitConfig config, MediatorCount mediators) {
            macs = FlopCount.forward(config, mediators);
            macsFull = FlopCount.forward(config, FlopCount.costliest(config));
        }

        void count(long images) {
            evaluations += images;
        }

        Spent spent() {
            return new Spent(evaluations, evaluations * macs / 1e9, evaluations * macsFull / 1e9);
        }
    }
}
