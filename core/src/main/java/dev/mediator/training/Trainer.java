package dev.mediator.training;

import dev.mediator.codec.Codec;
import dev.mediator.data.Batch;
import dev.mediator.data.BatchLoader;
import dev.mediator.data.ImageDataset;
import dev.mediator.data.LoaderConfig;
import dev.mediator.model.FlopCount;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.nn.MediatorCount;
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
            "steps", "logEvery", "checkpointEvery", "keepCheckpoints", "sampleEvery", "exportDtype", "data.path");

    private final TrainConfig config;
    private final RunDirectory run;
    private final TrainingListener listener;
    private final ImageDataset dataset;
    private final SitCheckpoint description;
    private final TrainingState state;
    private final Sit sit;
    private final Codec codec;
    private final StepDraws draws;

    private Trainer(TrainingTask task, RunDirectory run, TrainingListener listener) {
        this.config = task.config();
        this.run = run;
        this.listener = listener;
        this.dataset = task.dataset();
        this.codec = task.codec();
        this.state = task.state();
        this.description = task.description();
        this.sit = new Sit(description.config(), state.parameters());
        this.draws = new StepDraws(config.seed());
    }

    /**
     * Starts a run in an unused directory.
     *
     * @throws IOException if the directory is used, or the data or the initial checkpoint cannot be read
     */
    public static Trainer start(TrainConfig config, RunDirectory run, TrainingListener listener) throws IOException {
        if (run.isUsed()) {
            throw new IOException(run.path() + " holds a training already; resume it or choose another directory");
        }
        Trainer trainer = new Trainer(TrainingTask.of(config, config.initFrom(), listener), run, listener);
        RunDirectory.write(run.config(), ConfigTree.toJson(config));
        return trainer;
    }

    /**
     * Goes on from the newest checkpoint of a run, or from the start if it has none yet.
     *
     * @param assignments {@code key=value} changes of the run's configuration; only of fields that leave the updates as
     *     they are, see {@link #MAY_CHANGE}
     * @throws IOException if there is no run, or its files cannot be read
     */
    public static Trainer resume(RunDirectory run, List<String> assignments, TrainingListener listener)
            throws IOException {
        if (!run.isUsed()) {
            throw new IOException(run.path() + " holds no training to resume");
        }
        Path newest = run.latestCheckpoint().orElse(null);
        ConfigTree tree = newest != null ? TrainingState.config(newest) : ConfigTree.read(run.config());
        for (String assignment : assignments) {
            String key = assignment.replaceFirst("=.*", "");
            if (!MAY_CHANGE.contains(key)) {
                throw new IllegalArgumentException("--set " + assignment + " with --resume: '" + key
                        + "' decides what is trained, allowed are " + String.join(", ", MAY_CHANGE));
            }
            tree.set(assignment);
        }
        TrainConfig config = tree.toConfig();
        Trainer trainer = new Trainer(
                TrainingTask.of(config, newest == null ? config.initFrom() : null, listener), run, listener);
        if (newest != null) {
            trainer.state.load(newest);
        }
        if (trainer.step() > config.steps()) {
            trainer.close();
            throw new IllegalArgumentException("steps is " + config.steps() + ", but the run in " + run.path() + " has "
                    + trainer.step() + " updates behind it");
        }
        run.truncateLog(trainer.state.step());
        return trainer;
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
        TrainingLog log = new TrainingLog(config, run, listener, dataset.size());
        try (BatchLoader loader = new BatchLoader(dataset, loading, position)) {
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
        double total = 0;
        for (int part = 0; part < config.accumulate(); part++) {
            try (Scope scope = Scope.open()) {
                long first = batch.position() + (long) part * size;
                Tensor images = batch.images().narrow(0, (long) part * size, size); // [B, C, H, W]
                Tensor x1 = codec.encode(images, draws.codecStreams(first, size));
                Tensor x0 = draws.noise(first, x1.shape());
                long[] classes = Arrays.copyOfRange(batch.classes(), part * size, (part + 1) * size);
                Tensor y = Tensors.of(
                        draws.dropLabels(
                                first,
                                classes,
                                config.labelDropout(),
                                description.config().nullLabel()),
                        size);
                Tensor t = draws.times(config.transport(), first, size);
                Network network = (xt, time, labels) -> sit.forward(xt, time, labels, mediators);
                Tensor loss = config.transport().loss(network, x0, x1, t, y).mean();
                loss.div(new Scalar((double) config.accumulate())).backward();
                state.parameters().collectGradients();
                total += Tensors.scalar(loss) / config.accumulate();
            }
        }
        requireFinite("loss", total);
        return total;
    }

    /** Checked before weights move, so that no checkpoint ever holds what is not a number. */
    private void requireFinite(String what, double value) throws IOException {
        if (!Double.isFinite(value)) {
            String kept = run.checkpointBefore(state.step())
                    .map(file -> "the last good checkpoint is " + file)
                    .orElse("there is no checkpoint from before");
            throw new TrainingDivergedException("the " + what + " is " + value + " at step " + state.step() + "; "
                    + kept + "; try a smaller learning rate");
        }
    }

    private double clipGradients() throws IOException {
        double norm = state.parameters().gradientNorm();
        requireFinite("gradient's norm", norm);
        if (config.clipNorm() != null && norm > config.clipNorm()) {
            state.parameters().gradients().mul_(new Scalar(config.clipNorm() / norm));
        }
        return norm;
    }

    private void saveCheckpoint() throws IOException {
        Path file = run.checkpoint(state.step());
        if (!Files.exists(file)) {
            state.save(file, description, config);
            run.prune(config.keepCheckpoints());
            listener.onFile(file);
            run.plotLoss();
        }
    }

    private void writeSampleSheet() throws IOException {
        Path file = run.sampleSheet(state.step());
        SampleSheet.write(file, state.step(), description, config.transport(), state.averaged());
        listener.onFile(file);
    }

    @Override
    public void close() {
        sit.close();
        state.close();
        codec.close();
    }
}
