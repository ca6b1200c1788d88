package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings told to stop, or killed, in phases other than between two updates. */
class InterruptedTrainingTest {
    private static final TrainingListener SILENT = new TrainingListener() {};

    @TempDir
    private Path folder;

    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    @AfterAll
    static void allThreads() {
        Engine.start(Engine.physicalCores());
    }

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    /** Log lines are written before the sheet: whoever stops the training then stops it while the sheet is drawn. */
    private static TrainingListener whenLogged(Runnable stop) {
        return new TrainingListener() {
            @Override
            public void onLog(LogEntry entry) {
                stop.run();
            }
        };
    }

    @Test
    void stoppedWhileTheSheetIsDrawnItSavesACheckpoint() throws IOException {
        TrainConfig config = TinyTraining.config("steps=9", "logEvery=3", "sampleEvery=3", "checkpointEvery=100");
        RunDirectory whole = TinyTraining.train(folder.resolve("whole"), config);
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        Cancellation cancellation = new Cancellation();
        try (Cancellation.Listening listening = cancellation.listen();
                Trainer trainer = Trainer.start(config, run, whenLogged(cancellation::request))) {
            assertThatThrownBy(trainer::run).isInstanceOf(CancellationException.class);
        }
        assertThat(run.sampleSheet(3)).doesNotExist();
        assertThat(run.checkpoints()).containsExactly(run.checkpoint(3));

        try (Trainer trainer = Trainer.resume(run, List.of(), SILENT)) {
            trainer.run();
        }
        assertThat(run.sampleSheet(3)).hasSameBinaryContentAs(whole.sampleSheet(3));
        assertThat(TinyTraining.checksums(run.model())).isEqualTo(TinyTraining.checksums(whole.model()));
    }

    @Test
    void beforeTheFirstUpdateTheListenerHearsWhatOneTakes() throws IOException {
        List<Long> heard = new ArrayList<>();
        try (Trainer trainer = Trainer.start(
                TinyTraining.config("steps=3"), new RunDirectory(folder.resolve("run")), new TrainingListener() {
                    @Override
                    public void onBegin(double seconds, long updates) {
                        assertThat(seconds).isPositive();
                        heard.add(updates);
                    }

                    @Override
                    public void onStep(long step, long totalSteps) {
                        heard.add(-step);
                    }
                })) {
            trainer.run();
        }
        assertThat(heard).containsExactly(3L, -1L, -2L, -3L);
    }

    @Test
    void anInterruptedThreadStopsLikewiseAndStillWritesItsCheckpoint() throws IOException {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        TrainConfig config = TinyTraining.config("steps=9", "logEvery=3", "sampleEvery=3", "checkpointEvery=100");
        try (Trainer trainer = Trainer.start(
                config, run, whenLogged(() -> Thread.currentThread().interrupt()))) {
            assertThatThrownBy(trainer::run).isInstanceOf(CancellationException.class);
        }
        assertThat(run.checkpoints()).containsExactly(run.checkpoint(3));
    }

    @Test
    void stoppedWhileItIsOpenedItCanBeResumedOrBegunAnew() throws IOException {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        Cancellation cancellation = new Cancellation();
        cancellation.request();
        TrainConfig config = TinyTraining.config("steps=4");
        try (Cancellation.Listening listening = cancellation.listen()) {
            assertThatThrownBy(() -> Trainer.start(config, run, SILENT)).isInstanceOf(CancellationException.class);
        }
        assertThat(run.config()).exists();

        try (Trainer resumed = Trainer.resume(run, List.of(), SILENT)) {
            assertThat(resumed.step()).isZero();
        }
        try (Trainer anew = Trainer.start(TinyTraining.config("steps=5"), run, SILENT)) {
            anew.run();
        }
        assertThatThrownBy(() -> Trainer.start(config, run, SILENT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds a training already");
    }

    @Test
    void aStartThatFailsLeavesTheFolderUnused() throws IOException {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        TrainConfig config = TinyTraining.config("data.path=" + folder.resolve("none"));
        assertThatThrownBy(() -> Trainer.start(config, run, SILENT)).isInstanceOf(IOException.class);
        assertThat(run.path()).doesNotExist();

        Files.createDirectories(run.path());
        Path other = Files.createFile(run.path().resolve("notes.txt"));
        assertThatThrownBy(() -> Trainer.start(config, run, SILENT)).isInstanceOf(IOException.class);
        assertThat(run.isUsed()).isFalse();
        assertThat(other).exists();
    }

    @Test
    void anAutoencodersTrainingToo() throws IOException {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        AutoencoderTrainConfig config =
                TinyAutoencoder.training("steps=6", "logEvery=2", "sampleEvery=2", "checkpointEvery=100");
        Cancellation early = new Cancellation();
        early.request();
        try (Cancellation.Listening listening = early.listen()) {
            assertThatThrownBy(() -> AutoencoderTrainer.start(config, ComputeDevice.CPU, run, SILENT))
                    .isInstanceOf(CancellationException.class);
        }
        Cancellation later = new Cancellation();
        try (Cancellation.Listening listening = later.listen();
                AutoencoderTrainer trainer =
                        AutoencoderTrainer.resume(run, List.of(), ComputeDevice.CPU, whenLogged(later::request))) {
            assertThatThrownBy(trainer::run).isInstanceOf(CancellationException.class);
        }
        assertThat(run.sampleSheet(2)).doesNotExist();
        assertThat(run.checkpoints()).containsExactly(run.checkpoint(2));

        try (AutoencoderTrainer trainer = AutoencoderTrainer.resume(run, List.of(), ComputeDevice.CPU, SILENT)) {
            trainer.run();
        }
        assertThat(run.sampleSheet(2)).exists();
    }
}
