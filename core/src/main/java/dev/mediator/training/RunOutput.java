package dev.mediator.training;

import dev.mediator.model.Sit;
import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Log lines, checkpoints, sample sheets and the finished network, in a run's directory. */
final class RunOutput implements TrainingOutput {
    private final TrainingTask task;
    private final Sit sit;
    private final ComputeDevice device;
    private final RunDirectory run;
    private final TrainingListener listener;
    private final TrainingLog log;

    /**
     * @param sit the network that is trained
     * @param device where samples are made
     * @param processes how many train it together
     */
    RunOutput(
            TrainingTask task,
            Sit sit,
            ComputeDevice device,
            int processes,
            RunDirectory run,
            TrainingListener listener) {
        this.task = task;
        this.sit = sit;
        this.device = device;
        this.run = run;
        this.listener = listener;
        this.log = new TrainingLog(
                task.config().logEvery(),
                task.config().batchSize(),
                processes,
                task.config().optimizer().learningRate(),
                task.source().dataset().size(),
                run,
                listener);
    }

    @Override
    public void begun() throws IOException {
        drawSamplesIfDue();
    }

    @Override
    public void updated(Update update) throws IOException {
        TrainConfig config = task.config();
        long step = task.state().step();
        log.add(step, update.loss(), update.norm(), update.rateFactor(), update.forwardMacs());
        if (step % config.checkpointEvery() == 0) {
            saveCheckpoint();
        }
        drawSamplesIfDue();
    }

    @Override
    public void stopped() throws IOException {
        log.finish();
        saveCheckpoint();
    }

    @Override
    public void finished() throws IOException {
        log.finish();
        saveCheckpoint();
        task.description()
                .save(
                        run.model(),
                        task.state().averaged(),
                        sit.positions(),
                        task.config().exportDtype());
        listener.onFile(run.model());
    }

    @Override
    public TrainingDivergedException diverged(String what, double value, long step) throws IOException {
        return TrainingDivergedException.of(what, value, run, step);
    }

    private void saveCheckpoint() throws IOException {
        Path file = run.checkpoint(task.state().step());
        if (!Files.exists(file)) {
            task.state().save(file, task.description().metadata(), task.config());
            run.prune(task.config().keepCheckpoints());
            listener.onFile(file);
            run.plotLoss();
        }
    }

    private void drawSamplesIfDue() throws IOException {
        long step = task.state().step();
        Path file = run.sampleSheet(step);
        if (!run.isSampleSheetDue(step, task.config().sampleEvery())) {
            return;
        }
        SampleSheet.write(
                file,
                step,
                task.description(),
                task.config().transport(),
                task.state().averaged(),
                task.source().openDecoder(device));
        listener.onFile(file);
    }
}
