package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.Weights;
import dev.mediator.model.LabelTraining;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static final TrainingListener SILENT = new TrainingListener() {};

    @TempDir
    private Path folder;

    /** So small a network is faster on one thread, and a busy machine does not make it wait for the others. */
    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    @AfterAll
    static void allThreads() {
        Engine.start(Engine.physicalCores());
    }

    @Test
    void theNetworkLearns() throws IOException {
        RunDirectory run = TinyTraining.train(
                folder.resolve("run"), TinyTraining.config("steps=60", "logEvery=10", "optimizer.learningRate=1e-2"));
        double[] losses = TinyTraining.losses(run);
        assertThat(losses).hasSize(6);
        assertThat(losses[5]).isLessThan(0.7 * losses[0]);
    }

    @Test
    void aRunLeavesItsFiles() throws IOException {
        List<Path> written = new ArrayList<>();
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        TrainConfig config = TinyTraining.config("steps=12", "keepCheckpoints=2", "exportDtype=BF16");
        try (Trainer trainer = Trainer.start(config, run, new TrainingListener() {
            @Override
            public void onFile(Path file) {
                written.add(file);
            }
        })) {
            trainer.run();
        }
        assertThat(ConfigTree.read(run.config()).toConfig()).isEqualTo(config);
        assertThat(run.checkpoints()).containsExactly(run.checkpoint(10), run.checkpoint(12));
        assertThat(written).containsExactly(run.checkpoint(5), run.checkpoint(10), run.checkpoint(12), run.model());
        assertThat(run.lossPlot()).isNotEmptyFile();
        try (SafeTensors file = SafeTensors.open(run.model());
                Sit sit = SitCheckpoint.load(run.model(), Weights.EMA, DType.F32)) {
            assertThat(sit.config().inputSize()).isEqualTo(8);
            assertThat(file.entries()).allMatch(entry -> entry.dtype() == DType.BF16);
            assertThat(SitCheckpoint.describe(file).classNames()).hasSize(10).contains("Sandal");
        }
    }

    @Test
    void whatLabelsAreNotTrainedForIsToldAtTheStartAndInEveryFile() throws IOException {
        for (String dropout : List.of("0", "0.1", "1")) {
            RunDirectory run = new RunDirectory(folder.resolve("run-" + dropout));
            List<String> notes = new ArrayList<>();
            TrainConfig config = TinyTraining.config("steps=5", "labelDropout=" + dropout);
            try (Trainer trainer = Trainer.start(config, run, new TrainingListener() {
                @Override
                public void onNote(String note) {
                    notes.add(note);
                }
            })) {
                trainer.run();
            }
            LabelTraining expected = LabelTraining.of(Double.parseDouble(dropout));
            assertThat(notes)
                    .containsExactlyElementsOf(expected.trainingNote().stream().toList());
            assertThat(SitFile.describe(run.model()).labels()).isEqualTo(expected);
            assertThat(SitFile.describe(run.checkpoint(5)).labels()).isEqualTo(expected);
        }
        assertThat(LabelTraining.of(0).trainingNote())
                .hasValueSatisfying(note -> assertThat(note).startsWith("labelDropout is 0: "));
        assertThat(LabelTraining.of(0.1).trainingNote()).isEmpty();
    }

    @Test
    void theLogTellsHowItGoes() throws IOException {
        RunDirectory run = TinyTraining.train(
                folder.resolve("run"), TinyTraining.config("steps=9", "logEvery=4", "warmupSteps=4"));
        List<LogEntry> log = run.readLog();
        assertThat(log).extracting(LogEntry::step).containsExactly(4L, 8L, 9L);
        assertThat(log).extracting(LogEntry::learningRate).containsExactly(1e-3, 1e-3, 1e-3);
        assertThat(log.get(1).epoch()).as("8·8 of 200 images").isCloseTo(0.32, within(1e-9));
        assertThat(log).allSatisfy(entry -> {
            assertThat(entry.loss()).isBetween(0.1, 3.0);
            assertThat(entry.gradientNorm()).isPositive();
            assertThat(entry.imagesPerSecond()).isPositive();
            assertThat(entry.gflopsPerSecond()).isPositive();
        });
    }

    @Test
    void microBatchesAreTheBatch() throws IOException {
        Path initial = initial(TinyTraining.config());
        String[] settings = {"steps=1", "initFrom=" + initial, "labelDropout=0.5"};
        RunDirectory whole = TinyTraining.train(folder.resolve("whole"), TinyTraining.config(settings));
        RunDirectory parts = new RunDirectory(folder.resolve("parts"));
        TinyTraining.train(
                parts.path(),
                ConfigTree.defaults()
                        .overlay(ConfigTree.toJson(TinyTraining.config(settings)), "whole")
                        .set("accumulate=4")
                        .toConfig());

        assertThat(TinyTraining.losses(parts)[0]).isCloseTo(TinyTraining.losses(whole)[0], within(1e-6));
        assertThat(TinyTraining.difference(parts.checkpoint(1), whole.checkpoint(1), "optimizer.exp_avg."))
                .as("a tenth of the gradient")
                .isLessThan(1e-5);
    }

    @Test
    void blocksThatAreComputedAnewLeadToTheSameWeights() throws IOException {
        String[] settings = {"steps=6", "checkpointEvery=3", "model.mediators=[4,\"full\"]", "dtype=BF16"};
        RunDirectory kept = TinyTraining.train(folder.resolve("kept"), TinyTraining.config(settings));
        String[] more = Arrays.copyOf(settings, settings.length + 1);
        more[settings.length] = "recomputeActivations=true";
        RunDirectory anew = TinyTraining.train(folder.resolve("anew"), TinyTraining.config(more));

        assertThat(TinyTraining.checksums(anew.checkpoint(6))).isEqualTo(TinyTraining.checksums(kept.checkpoint(6)));
        assertThat(TinyTraining.losses(anew)).isEqualTo(TinyTraining.losses(kept));
    }

    @Test
    void bf16IsCloseToFp32() throws IOException {
        Path initial = initial(TinyTraining.config());
        RunDirectory fp32 =
                TinyTraining.train(folder.resolve("fp32"), TinyTraining.config("steps=5", "initFrom=" + initial));
        RunDirectory bf16 = TinyTraining.train(
                folder.resolve("bf16"), TinyTraining.config("steps=5", "initFrom=" + initial, "dtype=BF16"));

        assertThat(TinyTraining.losses(bf16)).containsExactly(TinyTraining.losses(fp32), within(0.02));
        assertThat(TinyTraining.difference(bf16.checkpoint(5), fp32.checkpoint(5), "model."))
                .isLessThan(0.02);
    }

    /** When the gradient's norm is above the limit, updates are those of the scaled gradient. */
    @Test
    void longGradientsAreClipped() throws IOException {
        Path initial = initial(TinyTraining.config());
        RunDirectory free =
                TinyTraining.train(folder.resolve("free"), TinyTraining.config("steps=1", "initFrom=" + initial));
        double norm = free.readLog().get(0).gradientNorm();
        RunDirectory clipped = TinyTraining.train(
                folder.resolve("clipped"),
                TinyTraining.config("steps=1", "initFrom=" + initial, "clipNorm=" + norm / 4));

        assertThat(clipped.readLog().get(0).gradientNorm())
                .as("before clipping")
                .isCloseTo(norm, within(1e-6));
        String name = "optimizer.exp_avg.final_layer.linear.weight";
        try (SafeTensors a = SafeTensors.open(free.checkpoint(1));
                SafeTensors b = SafeTensors.open(clipped.checkpoint(1))) {
            assertThat(Tensors.maxAbs(b.get(name))).isCloseTo(Tensors.maxAbs(a.get(name)) / 4, within(1e-6));
        }
    }

    /** A stop between two checkpoints saves one more, and the resumed run is the run that was never stopped. */
    @Test
    void aStoppedRunGoesOnAsIfNothingHappened() throws IOException {
        TrainConfig config = TinyTraining.config(
                "model.mediators=[1,4,\"full\"]", "mediatorWeights=[1,2,1]", "decay=cosine", "warmupSteps=3");
        RunDirectory whole = TinyTraining.train(folder.resolve("whole"), config);
        RunDirectory stopped = new RunDirectory(folder.resolve("stopped"));
        try (Trainer trainer = Trainer.start(config, stopped, stopAt(7))) {
            assertThatThrownBy(trainer::run).isInstanceOf(CancellationException.class);
        }
        assertThat(stopped.checkpoints()).contains(stopped.checkpoint(7));
        assertThat(stopped.model()).doesNotExist();
        try (Trainer trainer = Trainer.resume(stopped, List.of(), SILENT)) {
            assertThat(trainer.step()).isEqualTo(7);
            trainer.run();
        }

        assertThat(TinyTraining.checksums(stopped.checkpoint(20)))
                .isEqualTo(TinyTraining.checksums(whole.checkpoint(20)));
        assertThat(TinyTraining.checksums(stopped.model())).isEqualTo(TinyTraining.checksums(whole.model()));
        assertThat(TinyTraining.losses(stopped)).isEqualTo(TinyTraining.losses(whole));
    }

    @Test
    void aRunThatWasStoppedBeforeItsFirstCheckpointStartsAgain() throws IOException {
        TrainConfig config = TinyTraining.config("steps=6");
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        try (Trainer trainer = Trainer.start(config, run, stopAt(3))) {
            assertThatThrownBy(trainer::run).isInstanceOf(CancellationException.class);
        }
        Files.delete(run.checkpoint(3));
        try (Trainer trainer = Trainer.resume(run, List.of(), SILENT)) {
            assertThat(trainer.step()).isZero();
            trainer.run();
        }
        RunDirectory whole = TinyTraining.train(folder.resolve("whole"), config);
        assertThat(TinyTraining.checksums(run.model())).isEqualTo(TinyTraining.checksums(whole.model()));
        assertThat(run.readLog()).hasSize(6);
    }

    @Test
    void aFinishedRunCanBeProlonged() throws IOException {
        RunDirectory whole = TinyTraining.train(folder.resolve("whole"), TinyTraining.config("steps=9"));
        RunDirectory run = TinyTraining.train(folder.resolve("run"), TinyTraining.config("steps=4"));
        try (Trainer trainer = Trainer.resume(run, List.of("steps=9", "checkpointEvery=2"), SILENT)) {
            assertThat(trainer.config().steps()).isEqualTo(9);
            trainer.run();
        }
        assertThat(TinyTraining.checksums(run.model())).isEqualTo(TinyTraining.checksums(whole.model()));
    }

    @Test
    void whatDecidesTheUpdatesCannotChangeOnTheWay() throws IOException {
        RunDirectory run = TinyTraining.train(folder.resolve("run"), TinyTraining.config("steps=1"));
        for (String assignment : List.of("batchSize=4", "optimizer.learningRate=1", "data.imageSize=16", "seed=1")) {
            assertThatThrownBy(() -> Trainer.resume(run, List.of(assignment), SILENT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("--set " + assignment + " with --resume: '"
                            + assignment.replaceFirst("=.*", "") + "' decides what is trained, allowed are steps, ");
        }
    }

    @Test
    void aRunThatHasGoneFurtherIsNotResumedToFewerSteps() throws IOException {
        RunDirectory run = TinyTraining.train(folder.resolve("further"), TinyTraining.config("steps=4"));

        assertThatThrownBy(() -> Trainer.resume(run, List.of("steps=3"), SILENT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps is 3, but the run in " + run.path() + " has 4 updates behind it");
    }

    @Test
    void directoriesThatDoNotFitAreRefused() throws IOException {
        RunDirectory run = TinyTraining.train(folder.resolve("run"), TinyTraining.config("steps=1"));
        assertThatThrownBy(() -> Trainer.start(TinyTraining.config(), run, SILENT))
                .isInstanceOf(IOException.class)
                .hasMessage(run.path() + " holds a training already; resume it or choose another directory");
        RunDirectory unused = new RunDirectory(folder.resolve("unused"));
        assertThatThrownBy(() -> Trainer.resume(unused, List.of(), SILENT))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(unused.path() + " holds no training to resume");
    }

    @Test
    void aCheckpointThatIsNoneOfATrainingIsNamedAndTheOneBeforeIsUsed() throws IOException {
        RunDirectory run = TinyTraining.train(folder.resolve("run"), TinyTraining.config("steps=1"));
        Files.copy(run.model(), run.checkpoint(2));
        List<String> notes = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onNote(String note) {
                notes.add(note);
            }
        };
        try (Trainer trainer = Trainer.resume(run, List.of(), listener)) {
            assertThat(trainer.step()).isEqualTo(1);
        }
        assertThat(notes).anySatisfy(note -> assertThat(note)
                .contains(
                        run.checkpoint(2).getFileName().toString(),
                        run.checkpoint(1).getFileName().toString()));
    }

    @Test
    void theStartingWeightsAreThoseOfTheFile() throws IOException {
        TrainConfig config = TinyTraining.config();
        Path initial = initial(config);
        try (Trainer trainer = Trainer.start(
                        TinyTraining.config("initFrom=" + initial), new RunDirectory(folder.resolve("run")), SILENT);
                SafeTensors file = SafeTensors.open(initial)) {
            trainer.weights().forEach((name, tensor) -> assertThat(Tensors.relativeError(tensor, file.get(name)))
                    .as(name)
                    .isZero());
        }
    }

    @Test
    void startingWeightsThatTheNetworkHasNoPlaceForAreRefused() throws IOException {
        Path deeper = initial(TinyTraining.config("model.depth=3"));
        TrainConfig config = TinyTraining.config("model.depth=2", "initFrom=" + deeper);
        assertThatThrownBy(() -> Trainer.start(config, new RunDirectory(folder.resolve("run")), SILENT))
                .isInstanceOf(IOException.class)
                .hasMessage("initFrom " + deeper
                        + ": its depth is 3, wanted is 2; only input size, mediators and classes can be adapted");
    }

    @Test
    void aLargerGridStartsFromASmallerOne() throws IOException {
        Path initial = initial(TinyTraining.config());
        RunDirectory run = TinyTraining.train(
                folder.resolve("run"), TinyTraining.config("data.imageSize=16", "steps=2", "initFrom=" + initial));
        try (Sit sit = SitCheckpoint.load(run.model(), Weights.EMA, DType.F32)) {
            assertThat(sit.config().grid()).isEqualTo(8);
        }
    }

    /** The surgery of adapt, on the fly, and never in silence. */
    @Test
    void startingWeightsAreAdaptedAndTheListenerIsTold() throws IOException {
        Path initial = initial(TinyTraining.config("model.mediators=[\"full\"]"));
        List<String> notes = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onNote(String note) {
                notes.add(note);
            }
        };
        try (Trainer trainer = Trainer.start(
                TinyTraining.config("initFrom=" + initial, "model.mediators=[4,\"full\"]"),
                new RunDirectory(folder.resolve("run")),
                listener)) {
            assertThat(trainer.weights()).containsKey("blocks.1.attn.mediators.4.an_bias");
        }
        assertThat(notes)
                .containsExactly("initFrom " + initial
                        + ": blocks 0, 1: mediators instead of softmax, biases and convolution begin at zero");
    }

    @Test
    void theFileOfTheStartingWeightsIsNotNeededAgain() throws IOException {
        Path initial = initial(TinyTraining.config());
        RunDirectory run =
                TinyTraining.train(folder.resolve("run"), TinyTraining.config("steps=2", "initFrom=" + initial));
        Files.delete(initial);
        try (Trainer trainer = Trainer.resume(run, List.of("steps=4"), SILENT)) {
            trainer.run();
            assertThat(trainer.step()).isEqualTo(4);
        }
    }

    @Test
    void startingWeightsThatDoNotFitAreNamed() throws IOException {
        Path initial = initial(TinyTraining.config());
        assertThatThrownBy(() -> Trainer.start(
                        TinyTraining.config("model.width=24", "initFrom=" + initial),
                        new RunDirectory(folder.resolve("run")),
                        SILENT))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("initFrom " + initial + ": its width is 16, wanted is 24");
        assertThat(folder.resolve("run")).as("nothing is left behind").doesNotExist();
    }

    private Path initial(TrainConfig config) throws IOException {
        Path file = folder.resolve("initial.safetensors");
        TinyTraining.writeInitial(file, config, "", 0);
        return file;
    }

    private static TrainingListener stopAt(long last) {
        return new TrainingListener() {
            @Override
            public void onStep(long step, long totalSteps) {
                if (step == last) {
                    throw new CancellationException();
                }
            }
        };
    }
}
