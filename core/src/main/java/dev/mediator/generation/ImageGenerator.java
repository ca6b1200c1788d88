package dev.mediator.generation;

import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.Codec;
import dev.mediator.image.Picture;
import dev.mediator.model.Guidance;
import dev.mediator.model.LabelTraining;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitFile;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SamplingException;
import dev.mediator.sampling.StepObserver;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.RunSetup;
import dev.mediator.stepwise.SitStages;
import dev.mediator.stepwise.StageCosts;
import dev.mediator.stepwise.StageNetworks;
import dev.mediator.stepwise.StepwiseRun;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Recorder;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Makes pictures with a network. Holds native memory until it is closed. Any thread may use it: generations of several threads
 * take turns, and closing waits for the one in progress. After that it is refused with an {@link IllegalStateException}. {@link
 * Thread#interrupt} or a {@link dev.mediator.tensor.Cancellation} ends a generation between two steps, with a {@link
 * java.util.concurrent.CancellationException}; the thread stays interrupted.
 *
 * <pre>{@code
 * try (ImageGenerator generator = ImageGenerator.open(path, Weights.EMA, DType.F32)) {
 *     Generation made =
 *             generator.generate(List.of(new ImageRequest(7, 0)), generator.plan(settings), GenerationObserver.NONE);
 *     PngFile.write(Path.of("sneaker.png"), made.pictures().get(0));
 * }
 * }</pre>
 */
public final class ImageGenerator implements AutoCloseable {
    private static final long NOISE_STREAM = 0;

    private final SitStages stages;
    private final LabelTraining labels;
    private final List<String> classNames;
    private final Transport transport;
    private final @Nullable Codec codec; // null: makes no pictures
    private final UseGuard guard = new UseGuard("the image generator");

    /**
     * Takes over networks and codec: closing the generator closes all of them.
     *
     * @param labels what the networks have learned of their labels
     * @throws IllegalArgumentException if what the codec makes of the networks' output is neither grey nor colour
     */
    public ImageGenerator(
            SitStages stages, LabelTraining labels, List<String> classNames, Transport transport, Codec codec) {
        this(labels, stages, classNames, transport, codec);
        requirePictures(stages.networks().get(0).config(), codec);
    }

    private ImageGenerator(
            LabelTraining labels,
            SitStages stages,
            List<String> classNames,
            Transport transport,
            @Nullable Codec codec) {
        this.stages = stages;
        this.labels = labels;
        this.classNames = List.copyOf(classNames);
        this.transport = transport;
        this.codec = codec;
    }

    /** A generator of networks of unknown training. */
    public ImageGenerator(SitStages stages, List<String> classNames, Transport transport, Codec codec) {
        this(stages, LabelTraining.of(stages.networks().get(0).config(), null), classNames, transport, codec);
    }

    /** A generator of one network of unknown training. */
    public ImageGenerator(Sit sit, List<String> classNames, Transport transport, Codec codec) {
        this(new SitStages(sit), classNames, transport, codec);
    }

    /** Opens one checkpoint on the host, see {@link #open(List, Weights, Placement, Path)}. */
    public static ImageGenerator open(Path checkpoint, Weights weights, DType dtype) throws IOException {
        return open(List.of(checkpoint), weights, Placement.cpu(dtype));
    }

    /** Opens checkpoints with the codec that they name, see {@link #open(List, Weights, Placement, Path)}. */
    public static ImageGenerator open(List<Path> checkpoints, Weights weights, Placement placement) throws IOException {
        return open(checkpoints, weights, placement, null);
    }

    /**
     * Opens checkpoints: one, or several that serve the stages of a schedule together.
     *
     * @param weights which weights of a training's checkpoint
     * @param placement where and in what networks and codec compute
     * @param codec folder of the autoencoder whose latents they work on; null for the one that they name, or for pixels if
     *     they name none
     * @throws IOException if a file is no usable checkpoint, or the codec does not fit
     * @throws IllegalArgumentException if the files do not go together
     */
    public static ImageGenerator open(
            List<Path> checkpoints, Weights weights, Placement placement, @Nullable Path codec) throws IOException {
        return new CheckpointStages(checkpoints).open(weights, placement, codec);
    }

    /**
     * Opens a checkpoint that only {@link #sample} is asked of: its codec need not be there.
     *
     * @throws IOException if the file is no usable checkpoint
     */
    public static ImageGenerator openWithoutCodec(Path checkpoint, Weights weights, Placement placement)
            throws IOException {
        try (SitFile file = SitFile.open(checkpoint, weights)) {
            SitCheckpoint description = file.description();
            Transport transport = CheckpointTransport.of(description, checkpoint);
            return new ImageGenerator(
                    description.labels(),
                    new SitStages(file.loadFixed(placement)),
                    description.classNames(),
                    transport,
                    null);
        }
    }

    static void requirePictures(SitConfig config, Codec codec) {
        long channels = codec.imageShape(config.inChannels(), config.inputSize(), config.inputSize())[0];
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("the network works on " + config.inChannels() + " channels, which the "
                    + codec.name() + " codec turns into " + channels
                    + "; a picture has 1 (grey) or 3 (colour), and latents"
                    + " need the autoencoder that they belong to (--codec DIR)");
        }
    }

    /** The shape of the first network; image size, channels and classes are those of all. */
    public SitConfig config() {
        return stages.networks().get(0).config();
    }

    /** Where the networks compute. */
    public ComputeDevice device() {
        return stages.networks().get(0).device();
    }

    /**
     * From now on the networks' passes are recorded and replayed, see {@link Sit#recordPasses}.
     *
     * @param recorders makes a recorder for a device
     */
    public void recordPasses(Function<ComputeDevice, ? extends Recorder> recorders) {
        try (UseGuard.Use use = guard.use()) {
            stages.networks().forEach(sit -> sit.recordPasses(recorders.apply(sit.device())));
        }
    }

    /**
     * What the networks have learned of their labels: whether guidance makes sense, and which one is to be used where none is
     * asked for.
     */
    public LabelTraining labels() {
        return labels;
    }

    /**
     * What turns the network's output into pictures.
     *
     * @throws IllegalStateException if this generator was opened without
     */
    public Codec codec() {
        if (codec == null) {
            throw new IllegalStateException("the image generator was opened without a codec and makes no pictures");
        }
        return codec;
    }

    /** What a forward pass of one picture costs at each mediator count that is served. */
    public StageCosts costs() {
        return stages.costs();
    }

    /** The largest count of mediators that is served, or full attention if there is nothing else. */
    public MediatorCount largestMediators() {
        return stages.costs().counts().stream()
                .max(Comparator.comparingInt(MediatorCount::tokens))
                .orElseThrow();
    }

    /**
     * The network that serves a mediator count.
     *
     * @throws IllegalArgumentException if none does
     */
    public Sit network(MediatorCount count) {
        return stages.network(count);
    }

    /** The networks, by mediator count. */
    public StageNetworks stages() {
        return stages;
    }

    /**
     * Plans a run: checks settings against the networks, and resolves their schedule.
     *
     * @throws IllegalArgumentException if these networks cannot be sampled with them
     */
    public RunPlan plan(GenerationSettings settings) {
        stages.networks().forEach(sit -> settings.guidance().requireUsable(sit.config()));
        return RunPlan.of(setup(settings.sampler(), settings.guidance()), settings.schedule());
    }

    /** What is known of a run before its schedule. */
    public RunSetup setup(SamplerConfig sampler, Guidance guidance) {
        return new RunSetup(sampler, guidance, transport, stages.costs());
    }

    /** Names of the classes 0, 1, …; a class without a name has its number. */
    public List<String> classNames() {
        return IntStream.range(0, config().numClasses())
                .mapToObj(i -> i < classNames.size() ? classNames.get(i) : Integer.toString(i))
                .toList();
    }

    /**
     * Makes one batch.
     *
     * @param requests the pictures, made together; more at a time are faster and need more memory
     * @param plan from {@link #plan}
     * @param observer told of every step
     * @throws IllegalArgumentException if a class is not one of this network, or the plan was made for another one
     * @throws SamplingException if the sampler cannot go on, such as with weights that are not finite
     */
    public Generation generate(List<ImageRequest> requests, RunPlan plan, GenerationObserver observer) {
        Codec pictures = codec();
        return make(requests, plan, observer, x1 -> Picture.ofBatch(ComputeDevice.CPU.put(pictures.decode(x1))));
    }

    /** Samples a batch without making pictures, for an observer that looks at the steps. Needs no codec. */
    public Generation sample(List<ImageRequest> requests, RunPlan plan, GenerationObserver observer) {
        return make(requests, plan, observer, x1 -> List.of());
    }

    private Generation make(
            List<ImageRequest> requests,
            RunPlan plan,
            GenerationObserver observer,
            Function<Tensor, List<Picture>> decode) {
        try (UseGuard.Use use = guard.use()) {
            requireClasses(requests);
            requireOwn(plan);
            try (StepwiseRun run = new StepwiseRun(plan, stages, requests.size());
                    Scope scope = Scope.open()) {
                int size = config().inputSize();
                NoiseSource.Streams noise = new NoiseSource.Streams(requests.stream()
                        .map(r -> new RandomStream(r.seed(), NOISE_STREAM))
                        .toList());
                Tensor x0 = device().put(noise.start(config().inChannels(), size, size)); // [B, C, H, W]
                Tensor y = Tensors.of(
                        requests.stream().mapToLong(ImageRequest::label).toArray(), requests.size());
                StepObserver listener = step -> observer.onStep(step, Spent.of(run));
                Tensor x1 = new Sampler(transport, plan.sampler())
                        .run(run, x0, y, noise, run.andThen(listener))
                        .x();
                return new Generation(perImage(x1), decode.apply(x1), run.traces(), Spent.of(run));
            }
        }
    }

    /**
     * Makes any number of pictures, batch by batch.
     *
     * @param batch how many at a time; changes speed and memory only
     * @param observer told of every step of every batch, with what that batch has cost
     */
    public Generation generate(List<ImageRequest> requests, RunPlan plan, int batch, GenerationObserver observer) {
        Generation made = generate(requests.subList(0, Math.min(batch, requests.size())), plan, observer);
        for (int first = batch; first < requests.size(); first += batch) {
            List<ImageRequest> part = requests.subList(first, Math.min(first + batch, requests.size()));
            made = made.plus(generate(part, plan, observer));
        }
        return made;
    }

    private static List<float[]> perImage(Tensor batch) {
        float[] all = Tensors.floats(batch);
        int size = Math.toIntExact(all.length / batch.size(0));
        return IntStream.range(0, Math.toIntExact(batch.size(0)))
                .mapToObj(i -> Arrays.copyOfRange(all, i * size, (i + 1) * size))
                .toList();
    }

    private void requireOwn(RunPlan plan) {
        if (!plan.costs().equals(stages.costs()) || !plan.transport().equals(transport)) {
            throw new IllegalArgumentException(
                    "the plan was made for other networks; allowed are plans of this generator's plan()");
        }
    }

    private void requireClasses(List<ImageRequest> requests) {
        if (requests.isEmpty()) {
            throw new IllegalArgumentException("no picture is asked for");
        }
        for (ImageRequest request : requests) {
            if (request.label() < 0 || request.label() >= config().labelRows()) {
                throw new IllegalArgumentException("class is " + request.label() + ", allowed are 0 to "
                        + (config().numClasses() - 1)
                        + (config().lacksNullLabel() ? "" : " and " + config().nullLabel() + " for none"));
            }
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            stages.close();
            if (codec != null) {
                codec.close();
            }
        });
    }
}
