package dev.mediator.training;

import dev.mediator.data.BatchLoader;
import dev.mediator.data.DataIdentity;
import dev.mediator.file.FolderLock;
import dev.mediator.model.FlopCount;
import dev.mediator.model.LabelTraining;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.parallel.LostProcessException;
import dev.mediator.parallel.ProcessGroup;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Trains a network on a data set, in a run directory, from the start or from where a run was interrupted.
 *
 * <p>The recipe is the published one (method section 6): AdamW, average of the weights, label dropout, one time per
 * sample; for elastic networks one mediator count per update. A run that was stopped at any moment and resumed gives the
 * same weights, bit for bit, as one that was not (same thread count).
 *
 * <p>Several processes may train together, each on its part of every batch: all hold the same weights, gradients are added up once
 * per update, and what follows from their sum is computed by each for itself. Process 0 alone writes. The weights are those that one
 * process would have, up to the order of summation.
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
            "data.skipUnreadable",
            "codec",
            "latents");

    private final TrainConfig config;
    private final ProcessGroup group;
    private final Agreement agreement;
    private final TrainingListener listener;
    private final TrainingTask task;
    private final TrainingState state;
    private final Sit sit;
    private final StepDraws draws;
    private final BatchGradient gradient;
    private final TrainingOutput output;
    private final UseGuard guard = new UseGuard("the training");
    private final @Nullable FolderLock lock;

    /**
     * @param run where process 0 writes, null in the others
     * @param lock of that directory
     */
    private Trainer(
            TrainingTask task,
            ProcessGroup group,
            @Nullable RunDirectory run,
            @Nullable FolderLock lock,
            TrainingListener listener) {
        this.lock = lock;
        this.config = task.config();
        this.group = group;
        this.agreement = new Agreement(group);
        this.listener = listener;
        this.task = task;
        this.state = task.state();
        this.sit = new Sit(task.description().config(), state.parameters());
        this.draws = new StepDraws(config.seed());
        this.gradient = new BatchGradient(task, sit, group, draws);
        this.output = run == null
                ? TrainingOutput.NONE
                : new RunOutput(task, sit, group.device(), group.member().size(), run, listener);
    }

    /** {@link #start(TrainConfig, ProcessGroup, RunDirectory, TrainingListener)} on the host, alone. */
    public static Trainer start(TrainConfig config, RunDirectory run, TrainingListener listener) throws IOException {
        return start(config, ProcessGroup.single(ComputeDevice.CPU), run, listener);
    }

    /**
     * Starts a run in an unused directory.
     *
     * @param group who trains, of which this is process 0; others, elsewhere or more may go on with the run
     * @throws IOException if the directory is used, or the data or the initial checkpoint cannot be read, or a process has
     *     gone
     */
    public static Trainer start(TrainConfig config, ProcessGroup group, RunDirectory run, TrainingListener listener)
            throws IOException {
        return run.begin("train", ConfigTree.toJson(config), lock -> {
            Trainer trainer = announced(config, group, config.initFrom(), run, lock, listener);
            trainer.begin(() -> DataRecord.write(run, trainer.identity()));
            return trainer;
        });
    }

    /** {@link #resume(RunDirectory, List, ProcessGroup, TrainingListener)} on the host, alone. */
    public static Trainer resume(RunDirectory run, List<String> assignments, TrainingListener listener)
            throws IOException {
        return resume(run, assignments, ProcessGroup.single(ComputeDevice.CPU), listener);
    }

    /**
     * Goes on from the newest checkpoint of a run that is not damaged, or from the start if it has none yet.
     *
     * @param assignments {@code key=value} changes of the run's configuration; only of fields that leave the updates as
     *     they are, see {@link #MAY_CHANGE}
     * @param group who trains from now on, of which this is process 0
     * @throws IOException if there is no run, or its files cannot be read, or a process has gone
     */
    public static Trainer resume(
            RunDirectory run, List<String> assignments, ProcessGroup group, TrainingListener listener)
            throws IOException {
        return resume(run, assignments, false, group, listener);
    }

    /**
     * Goes on from the newest sound checkpoint, even if the data have changed.
     *
     * @param acceptChangedData whether to go on if images, classes or their names are others than before; else that is an error
     */
    public static Trainer resume(
            RunDirectory run,
            List<String> assignments,
            boolean acceptChangedData,
            ProcessGroup group,
            TrainingListener listener)
            throws IOException {
        return run.goOn("train --resume", lock -> resume(run, lock, assignments, acceptChangedData, group, listener));
    }

    private static Trainer resume(
            RunDirectory run,
            FolderLock lock,
            List<String> assignments,
            boolean acceptChangedData,
            ProcessGroup group,
            TrainingListener listener)
            throws IOException {
        Path newest = SoundCheckpoint.of(run, listener);
        ConfigTree tree = StoredConfig.of(run, newest, ConfigTree.defaults(), listener::onNote);
        tree.setAllowed(assignments, MAY_CHANGE);
        TrainConfig config = tree.toConfig();
        Trainer trainer = announced(config, group, newest == null ? config.initFrom() : null, run, lock, listener);
        trainer.begin(() -> {
            DataRecord.requireSame(run, trainer.identity(), acceptChangedData, listener::onNote);
            if (newest != null) {
                TrainingState.requireSameCodec(newest, trainer.task.description());
                trainer.state.load(newest);
            }
            if (trainer.step() > config.steps()) {
                throw new IllegalArgumentException("steps is " + config.steps() + ", but the run in " + run.path()
                        + " has " + trainer.step() + " updates behind it");
            }
        });
        trainer.closedIfThisFails(() -> run.truncateLog(trainer.step(), listener::onNote));
        return trainer;
    }

    /**
     * Takes part in a training that process 0 starts or resumes. What is trained and all weights come from there; images are
     * read here.
     *
     * @param assignments where this process finds data, latents and codec, if elsewhere than process 0; others may repeat what
     *     process 0 trains
     * @param group who trains, of which this is not process 0
     * @throws IllegalArgumentException if an assignment differs from what process 0 trains
     * @throws IOException if the data cannot be read, or are not those of process 0, or a process has gone
     */
    public static Trainer follow(List<String> assignments, ProcessGroup group, TrainingListener listener)
            throws IOException {
        TrainConfig config = new Agreement(group).hear(assignments);
        Trainer trainer = of(TrainingTask.of(config, group, null, listener), group, null, null, listener);
        trainer.begin(() -> {});
        return trainer;
    }

    private static Trainer announced(
            TrainConfig config,
            ProcessGroup group,
            @Nullable String initFrom,
            RunDirectory run,
            FolderLock lock,
            TrainingListener listener)
            throws IOException {
        config.requireShares(group.member().size());
        new Agreement(group).announce(config);
        LabelTraining.of(config.labelDropout()).trainingNote().ifPresent(listener::onNote);
        config.untrainedCounts().ifPresent(listener::onNote);
        return of(TrainingTask.of(config, group, initFrom, listener), group, run, lock, listener);
    }

    /** A trainer that owns the task, which is closed if there is none. */
    private static Trainer of(
            TrainingTask task,
            ProcessGroup group,
            @Nullable RunDirectory run,
            @Nullable FolderLock lock,
            TrainingListener listener) {
        try {
            return new Trainer(task, group, run, lock, listener);
        } catch (RuntimeException | Error e) {
            task.close();
            throw e;
        }
    }

    /** What a process does before all begin together, or between two updates. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private void begin(Work work) throws IOException {
        closedIfThisFails(() -> {
            work.run();
            agreement.requireSameData(task.source());
            state.share(group);
            agreement.awaitAll();
        });
    }

    private void closedIfThisFails(Work work) throws IOException {
        try {
            work.run();
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private DataIdentity identity() throws IOException {
        return task.source().dataset().identity();
    }

    /** Images that are left out since they cannot be read. */
    public List<Path> skipped() {
        return task.source().dataset().skipped();
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
        try (UseGuard.Use use = guard.use()) {
            return state.parameters().named(state.parameters().values());
        }
    }

    /**
     * Trains to the last step and writes the finished network. When the listener of any process throws a {@link
     * CancellationException}, or a process is lost, all stop after the same update, and a checkpoint is saved before the exception
     * is passed on.
     *
     * @throws TrainingDivergedException if loss or gradient are not finite
     * @throws LostProcessException if another process has gone
     */
    public void run() throws IOException {
        try (UseGuard.Use use = guard.use()) {
            try (BatchLoader loader = gradient.loader()) {
                stoppingOthers(output::begun);
                if (group.member().isFirst() && state.step() < config.steps()) {
                    listener.onBegin(gradient.estimatedSeconds(), config.steps() - state.step());
                }
                while (state.step() < config.steps()) {
                    TrainingOutput.Update update = update(loader);
                    stoppingOthers(() -> {
                        output.updated(update);
                        listener.onStep(state.step(), config.steps());
                    });
                }
            } catch (CancellationException | LostProcessException e) {
                state.parameters().clearGradients(); // of an update that was begun
                output.stopped();
                throw e;
            }
            output.finished();
        }
    }

    private TrainingOutput.Update update(BatchLoader loader) throws IOException {
        SitConfig network = task.description().config();
        MediatorCount mediators = draws.mediators(state.step(), network.mediators(), config.mediatorWeights());
        double loss = finite("loss", agreement.loss(accumulate(loader, mediators)));
        group.sum(state.parameters().gradients());
        // Process 0's, since a norm depends on the number of threads in its last bits, and weights would drift apart.
        double norm =
                finite("gradient's norm", group.fromFirst(state.parameters().gradientNorm()));
        if (config.clipNorm() != null) {
            state.parameters().clipGradients(norm, config.clipNorm());
        }
        double rateFactor = config.rateFactor(state.step());
        state.update(rateFactor, config.emaDecay());
        return new TrainingOutput.Update(loss, norm, rateFactor, FlopCount.forward(network, mediators));
    }

    /** An image that cannot be read ends the training, but loses no update. */
    private double accumulate(BatchLoader loader, MediatorCount mediators) throws IOException {
        try {
            return gradient.accumulate(loader, mediators);
        } catch (LostProcessException e) {
            throw e;
        } catch (IOException e) {
            output.stopped();
            throw e;
        }
    }

    private double finite(String what, double value) throws IOException {
        if (!Double.isFinite(value)) {
            throw output.diverged(what, value, state.step());
        }
        return value;
    }

    /** Other processes wait for the next update: when this one is cancelled between two, they are told. */
    private void stoppingOthers(Work work) throws IOException {
        try {
            work.run();
        } catch (CancellationException e) {
            if (state.step() < config.steps()) {
                agreement.stop();
            }
            throw e;
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            sit.close();
            task.close();
            if (lock != null) {
                lock.close();
            }
        });
    }
}
