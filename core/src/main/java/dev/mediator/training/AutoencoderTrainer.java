package dev.mediator.training;

import dev.mediator.codec.Autoencoder;
import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.codec.AutoencoderFolder;
import dev.mediator.codec.Posterior;
import dev.mediator.data.Batch;
import dev.mediator.data.BatchLoader;
import dev.mediator.data.ImageDataset;
import dev.mediator.data.LoaderConfig;
import dev.mediator.file.FolderLock;
import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Trains an autoencoder: mean absolute error of the images that come back from drawn latents, and a little of the latents'
 * divergence from N(0, 1), as in latent diffusion (arXiv 2112.10752) without its adversary and perceptual loss. Run directory
 * and resume are those of {@link Trainer}; the result is a folder as diffusers writes it.
 *
 * <p>Any thread may use it, one at a time; closing waits for the use in progress, and later uses are refused with an
 * {@link IllegalStateException}.
 */
public final class AutoencoderTrainer implements AutoCloseable {
    /** What a resumed run may set anew. */
    public static final List<String> MAY_CHANGE = List.of(
            "steps",
            "logEvery",
            "checkpointEvery",
            "keepCheckpoints",
            "sampleEvery",
            "data.path",
            "data.skipUnreadable");

    private static final JsonMapper JSON = new JsonMapper();

    private final AutoencoderTrainConfig config;
    private final ComputeDevice device;
    private final RunDirectory run;
    private final TrainingListener listener;
    private final ImageDataset dataset;
    private final AutoencoderConfig shape;
    private final TrainingState state;
    private final Autoencoder network;
    private final StepDraws draws;
    private final FolderLock lock;
    private final UseGuard guard = new UseGuard("the training");

    private AutoencoderTrainer(
            AutoencoderTrainConfig config,
            ComputeDevice device,
            RunDirectory run,
            FolderLock lock,
            TrainingListener listener)
            throws IOException {
        Engine.start();
        this.lock = lock;
        this.config = config;
        this.device = device;
        this.run = run;
        this.listener = listener;
        this.dataset = config.data().open();
        dataset.notes().forEach(listener::onNote);
        this.shape = config.network().resolve(dataset.shape());
        try (Scope scope = Scope.open();
                Autoencoder fresh = Autoencoder.fresh(shape, config.seed())) {
            Placement placement = new Placement(device, TrainingTask.dtype(config.dtype(), device, listener));
            this.state = new TrainingState(fresh.parameters(), placement, config.optimizer());
        }
        try {
            this.network = new Autoencoder(shape, state.parameters());
        } catch (RuntimeException | Error e) {
            state.close();
            throw e;
        }
        this.draws = new StepDraws(config.seed());
    }

    /**
     * Starts a run in an unused directory.
     *
     * @param device where it computes
     * @throws IOException if the directory is used, or the data cannot be read
     */
    public static AutoencoderTrainer start(
            AutoencoderTrainConfig config, ComputeDevice device, RunDirectory run, TrainingListener listener)
            throws IOException {
        return run.begin("train-autoencoder", ConfigTree.toJson(config), lock -> {
            AutoencoderTrainer trainer = new AutoencoderTrainer(config, device, run, lock, listener);
            try {
                DataRecord.write(run, trainer.dataset.identity());
                return trainer;
            } catch (IOException e) {
                trainer.close();
                throw e;
            }
        });
    }

    /** Goes on with a run on the data that it has seen so far. */
    public static AutoencoderTrainer resume(
            RunDirectory run, List<String> assignments, ComputeDevice device, TrainingListener listener)
            throws IOException {
        return resume(run, assignments, false, device, listener);
    }

    /**
     * Goes on from the newest checkpoint of a run that is not damaged, or from the start if it has none yet.
     *
     * @param assignments {@code key=value} changes of the run's configuration, of {@link #MAY_CHANGE}
     * @param acceptChangedData whether to go on if images, classes or their names are others than before; else that is an error
     * @param device where it computes from now on
     * @throws IOException if there is no run, or its files cannot be read
     */
    public static AutoencoderTrainer resume(
            RunDirectory run,
            List<String> assignments,
            boolean acceptChangedData,
            ComputeDevice device,
            TrainingListener listener)
            throws IOException {
        return run.goOn(
                "train-autoencoder --resume",
                lock -> resume(run, lock, assignments, acceptChangedData, device, listener));
    }

    private static AutoencoderTrainer resume(
            RunDirectory run,
            FolderLock lock,
            List<String> assignments,
            boolean acceptChangedData,
            ComputeDevice device,
            TrainingListener listener)
            throws IOException {
        Path newest = SoundCheckpoint.of(run, listener);
        ConfigTree defaults = ConfigTree.of(AutoencoderTrainConfig.defaults());
        ConfigTree tree = StoredConfig.of(run, newest, defaults, listener::onNote);
        tree.setAllowed(assignments, MAY_CHANGE);
        AutoencoderTrainConfig config = tree.to(AutoencoderTrainConfig.class);
        AutoencoderTrainer trainer = new AutoencoderTrainer(config, device, run, lock, listener);
        boolean ready = false;
        try {
            DataRecord.requireSame(run, trainer.dataset.identity(), acceptChangedData, listener::onNote);
            trainer.goOn(newest);
            ready = true;
            return trainer;
        } finally {
            if (!ready) {
                trainer.close();
            }
        }
    }

    private void goOn(@Nullable Path newest) throws IOException {
        if (newest != null) {
            state.load(newest);
        }
        if (step() > config.steps()) {
            throw new IllegalArgumentException("steps is " + config.steps() + ", but the run in " + run.path() + " has "
                    + step() + " updates behind it");
        }
        run.truncateLog(step(), listener::onNote);
    }

    /** Updates done. */
    public long step() {
        return state.step();
    }

    /** The run's configuration. */
    public AutoencoderTrainConfig config() {
        return config;
    }

    /**
     * Trains to the last step and writes the finished autoencoder. When the listener throws a {@link CancellationException},
     * a checkpoint is saved before it is passed on.
     *
     * @return how well the averaged weights do on images: those of the test split, if there is one, else on trained ones
     * @throws TrainingDivergedException if loss or gradient are not finite
     */
    public AutoencoderScore run() throws IOException {
        try (UseGuard.Use use = guard.use()) {
            LoaderConfig loading = LoaderConfig.of(config.seed(), config.data().flip(), config.batchSize());
            TrainingLog log = new TrainingLog(
                    config.logEvery(),
                    config.batchSize(),
                    1,
                    config.optimizer().learningRate(),
                    dataset.size(),
                    run,
                    listener);
            try (BatchLoader loader = new BatchLoader(dataset, loading, state.step() * config.batchSize())) {
                writeSheetIfDue(); // an interruption may have kept it from being drawn
                if (state.step() < config.steps()) {
                    listener.onBegin(
                            UpdateEstimate.seconds(this::forwardOne, config.batchSize()),
                            config.steps() - state.step());
                }
                while (state.step() < config.steps()) {
                    update(next(loader, log), log);
                    if (state.step() % config.checkpointEvery() == 0) {
                        saveCheckpoint();
                    }
                    writeSheetIfDue();
                    listener.onStep(state.step(), config.steps());
                }
            } catch (CancellationException e) {
                log.finish();
                saveCheckpoint();
                throw e;
            }
            log.finish();
            saveCheckpoint();
            return export();
        }
    }

    private void forwardOne() {
        try (Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard()) {
            long[] image = dataset.shape().sizes();
            Tensor black = device.put(Tensors.zeros(DType.F32, 1, image[0], image[1], image[2]));
            Tensors.scalar(network.decode(network.posterior(black).mean()).sum()); // a card is waited for
        }
    }

    /** An image that cannot be read ends the training, but loses no update. */
    private Batch next(BatchLoader loader, TrainingLog log) throws IOException {
        try {
            return loader.next();
        } catch (IOException e) {
            log.finish();
            saveCheckpoint();
            throw e;
        }
    }

    /** Images that are left out since they cannot be read. */
    public List<Path> skipped() {
        return dataset.skipped();
    }

    private void update(Batch batch, TrainingLog log) throws IOException {
        Cancellation.check();
        double loss;
        long macs;
        try (Scope scope = Scope.open();
                MacCounter counter = MacCounter.open()) {
            Tensor images = device.put(batch.images()); // [B, C, H, W]
            Posterior posterior = network.posterior(images);
            Tensor latents = posterior.draw(draws.codecStreams(batch.position(), batch.size()));
            Tensor error = network.decode(latents).sub(images).abs().mean();
            Tensor total = error.add(Ops.mul(posterior.divergence(), config.divergenceWeight()));
            macs = counter.macs() / batch.size();
            total.backward();
            state.parameters().collectGradients();
            loss = Tensors.scalar(total); // read last: a card is waited for once it has all to do
        }
        TrainingDivergedException.requireFinite("loss", loss, run, state.step());
        double norm = state.parameters().gradientNorm();
        TrainingDivergedException.requireFinite("gradient's norm", norm, run, state.step());
        if (config.clipNorm() != null) {
            state.parameters().clipGradients(norm, config.clipNorm());
        }
        double rateFactor = config.rateFactor(state.step());
        state.update(rateFactor, config.emaDecay());
        log.add(state.step(), loss, norm, rateFactor, macs);
    }

    private void saveCheckpoint() throws IOException {
        Path file = run.checkpoint(state.step());
        if (!Files.exists(file)) {
            state.save(file, Map.of("network", "AutoencoderKL"), config);
            run.prune(config.keepCheckpoints());
            listener.onFile(file);
            run.plotLoss();
        }
    }

    private void writeSheetIfDue() throws IOException {
        Path file = run.sampleSheet(state.step());
        if (!run.isSampleSheetDue(state.step(), config.sampleEvery())) {
            return;
        }
        try (AutoencoderReview review = review()) {
            review.writeSheet(file, state.step());
        }
        listener.onFile(file);
    }

    private AutoencoderReview review() throws IOException {
        return AutoencoderReview.of(shape, state.averaged(), config.data(), dataset);
    }

    private AutoencoderScore export() throws IOException {
        try (AutoencoderReview review = review()) {
            AutoencoderScore score = review.score();
            ObjectNode provenance = JSON.createObjectNode();
            provenance.put("madeBy", "Mediator train-autoencoder");
            provenance.set("training", JSON.valueToTree(config));
            provenance.put("trainingImages", dataset.size());
            provenance.set("test", JSON.valueToTree(score));
            AutoencoderFolder folder = new AutoencoderFolder(run.codec());
            folder.write(
                    shape.withScalingFactor(review.scalingFactor()),
                    state.averaged(),
                    Map.of("provenance", JSON.writeValueAsString(provenance)));
            listener.onFile(folder.weightsFile());
            return score;
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            network.close();
            state.close();
            lock.close();
        });
    }
}
