package dev.mediator.training;

import dev.mediator.data.Batch;
import dev.mediator.data.BatchLoader;
import dev.mediator.data.LoaderConfig;
import dev.mediator.file.WholeFile;
import dev.mediator.model.Activations;
import dev.mediator.model.FlopCount;
import dev.mediator.model.ForwardProbe;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains a network on a data set, in a run directory, from the start or from where a run was interrupted.
 *
 * <p>The recipe is the published one (method section 6): AdamW, average of the weights, label dropout, one time per
 * sample; for elastic networks one mediator count per update. A run that was stopped at any moment and resumed gives the
 * same weights, bit for bit, as one that was not (same thread count).
 */
public final class Trainer implements AutoCloseable {
    /** What a resumed run may set anew. A longer run with a decaying learning rate differs from one planned so long. */
    public static final List<String> MAY_CHANGE = List.of(
            "steps",
            "logEvery",
            "checkpointEvery",
            "keepCheckpoints",
            "sampleEvery",
            "exportDtype",
            "recomputeActivations",
            "data.path",
            "codec",
            "latents");

    private final TrainConfig config;
    private final ComputeDevice device;
    private final RunDirectory run;
    private final TrainingListener listener;
    private final LatentSource source;
    private final SitCheckpoint description;
    private final TrainingState state;
    private final Sit sit;
    private final StepDraws draws;

    private Trainer(TrainingTask task, ComputeDevice device, RunDirectory run, TrainingListener listener) {
        this.config = task.config();
        this.device = device;
        this.run = run;
        this.listener = listener;
        this.source = task.source();
        this.state = task.state();
        this.description = task.description();
        this.sit = new Sit(description.config(), state.parameters());
        this.draws = new StepDraws(config.seed());
    }

    /** {@link #start(TrainConfig, ComputeDevice, RunDirectory, TrainingListener)} on the host. */
    public static Trainer start(TrainConfig config, RunDirectory run, TrainingListener listener) throws IOException {
        return start(config, ComputeDevice.CPU, run, listener);
    }

    /**
     * Starts a run in an unused directory.
     *
     * @param device where it computes; another one may go on with the run
     * @throws IOException if the directory is used, or the data or the initial checkpoint cannot be read
     */
    public static Trainer start(TrainConfig config, ComputeDevice device, RunDirectory run, TrainingListener listener)
            throws IOException {
        if (run.isUsed()) {
            throw new IOException(run.path() + " holds a training already; resume it or choose another directory");
        }
        TrainingTask task = TrainingTask.of(config, device, config.initFrom(), listener);
        Trainer trainer = new Trainer(task, device, run, listener);
        WholeFile.write(run.config(), ConfigTree.toJson(config));
        return trainer;
    }

    /** {@link #resume(RunDirectory, List, ComputeDevice, TrainingListener)} on the host. */
    public static Trainer resume(RunDirectory run, List<String> assignments, TrainingListener listener)
            throws IOException {
        return resume(run, assignments, ComputeDevice.CPU, listener);
    }

    /**
     * Goes on from the newest checkpoint of a run, or from the start if it has none yet.
     *
     * @param assignments {@code key=value} changes of the run's configuration; only of fields that leave the updates as
     *     they are, see {@link #MAY_CHANGE}
     * @param device where it computes from now on
     * @throws IOException if there is no run, or its files cannot be read
     */
    public static Trainer resume(
            RunDirectory run, List<String> assignments, ComputeDevice device, TrainingListener listener)
            throws IOException {
        if (!run.isUsed()) {
            throw new IOException(run.path() + " holds no training to resume");
        }
        Path newest = run.latestCheckpoint().orElse(null);
        ConfigTree tree =
                newest != null ? TrainingState.config(newest, ConfigTree.defaults()) : ConfigTree.read(run.config());
        tree.setAllowed(assignments, MAY_CHANGE);
        TrainConfig config = tree.toConfig();
        TrainingTask task = TrainingTask.of(config, device, newest == null ? config.initFrom() : null, listener);
        Trainer trainer = new Trainer(task, device, run, listener);
        if (newest != null) {
            trainer.load(newest);
        }
        if (trainer.step() > config.steps()) {
            trainer.close();
            throw new IllegalArgumentException("steps is " + config.steps() + ", but the run in " + run.path() + " has "
                    + trainer.step() + " updates behind it");
        }
        run.truncateLog(trainer.state.step());
        return trainer;
    }

    private void load(Path checkpoint) throws IOException {
        try {
            TrainingState.requireSameCodec(checkpoint, description);
            state.load(checkpoint);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Updates done. */
    public long step() {
        return state.step();
    }

    /** The run's configuration. */
    public TrainConfig config() {
        return config;
    }

    /** The trained weights by name, fp32; views that change with further updates. */
    public Map<String, Tensor> weights() {
        return state.parameters().named(state.parameters().values());
    }

    /**
     * Trains to the last step and writes the finished network. When the listener throws a {@link CancellationException},
     * a checkpoint is saved before it is passed on.
     *
     * @throws TrainingDivergedException if loss or gradient are not finite
     */
    public void run() throws IOException {
        long position = state.step() * config.batchSize();
        LoaderConfig loading = LoaderConfig.of(config.seed(), config.data().flip(), config.batchSize());
        TrainingLog log = new TrainingLog(
                config.logEvery(),
                config.batchSize(),
                config.optimizer().learningRate(),
                source.dataset().size(),
                run,
                listener);
        try (BatchLoader loader = new BatchLoader(source.dataset(), loading, position)) {
            while (state.step() < config.steps()) {
                MediatorCount mediators =
                        draws.mediators(state.step(), description.config().mediators(), config.mediatorWeights());
                double loss = accumulateGradients(loader.next(), mediators);
                double norm = clipGradients();
                double rateFactor = config.rateFactor(state.step());
                state.update(rateFactor, config.emaDecay());
                log.add(state.step(), loss, norm, rateFactor, FlopCount.forward(description.config(), mediators));
                if (state.step() % config.checkpointEvery() == 0) {
                    saveCheckpoint();
                }
                if (config.sampleEvery() > 0 && state.step() % config.sampleEvery() == 0) {
                    writeSampleSheet();
                }
                listener.onStep(state.step(), config.steps());
            }
        } catch (CancellationException e) {
            log.finish();
            saveCheckpoint();
            throw e;
        }
        log.finish();
        saveCheckpoint();
        description.save(run.model(), state.averaged(), sit.positions(), config.exportDtype());
        listener.onFile(run.model());
    }

    /** Forward and backward over a batch, in micro-batches; returns its mean loss. */
    private double accumulateGradients(Batch batch, MediatorCount mediators) throws IOException {
        int size = batch.size() / config.accumulate();
        Activations activations = config.recomputeActivations() ? Activations.RECOMPUTED : Activations.KEPT;
        double total = 0;
        for (int part = 0; part < config.accumulate(); part++) {
            try (Scope scope = Scope.open()) {
                long first = batch.position() + (long) part * size;
                Tensor images = device.put(batch.images().narrow(0, (long) part * size, size)); // [B, C, H, W]
                Tensor x1 = source.encoding().latents(images, draws.codecStreams(first, size));
                Tensor x0 = device.put(draws.noise(first, x1.shape()));
                long[] classes = Arrays.copyOfRange(batch.classes(), part * size, (part + 1) * size);
                Tensor y = Tensors.of(
                        draws.dropLabels(
                                first,
                                classes,
                                config.labelDropout(),
                                description.config().nullLabel()),
                        size);
                Tensor t = draws.times(config.transport(), first, size);
                Network network =
                        (xt, time, labels) -> sit.forward(xt, time, labels, mediators, ForwardProbe.NONE, activations);
                Tensor loss = config.transport().loss(network, x0, x1, t, y).mean();
                loss.div(new Scalar((double) config.accumulate())).backward();
                state.parameters().collectGradients();
                total += Tensors.scalar(loss) / config.accumulate();
            }
        }
        TrainingDivergedException.requireFinite("loss", total, run, state.step());
        return total;
    }

    private double clipGradients() throws IOException {
        double norm = state.parameters().gradientNorm();
        TrainingDivergedException.requireFinite("gradient's norm", norm, run, state.step());
        if (config.clipNorm() != null) {
            state.parameters().clipGradients(norm, config.clipNorm());
        }
        return norm;
    }

    private void saveCheckpoint() throws IOException {
        Path file = run.checkpoint(state.step());
        if (!Files.exists(file)) {
            state.save(file, description.metadata(), config);
            run.prune(config.keepCheckpoints());
            listener.onFile(file);
            run.plotLoss();
        }
    }

    private void writeSampleSheet() throws IOException {
        Path file = run.sampleSheet(state.step());
        SampleSheet.write(
                file, state.step(), description, config.transport(), state.averaged(), source.openDecoder(device));
        listener.onFile(file);
    }

    @Override
    public void close() {
        sit.close();
        state.close();
        source.close();
    }
}
