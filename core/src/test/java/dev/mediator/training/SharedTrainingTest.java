package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.parallel.LostProcessException;
import dev.mediator.parallel.ProcessGroup;
import dev.mediator.parallel.Processes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several processes that train together. Threads play them here; real ones are those of the program's tests. */
class SharedTrainingTest {
    private static final TrainingListener SILENT = new TrainingListener() {};

    /** Everything that draws: elastic counts, flips, dropout, micro-batches, clipping, a schedule. */
    private static final String[] SETTINGS = {
        "steps=8",
        "batchSize=12",
        "accumulate=2",
        "checkpointEvery=4",
        "model.mediators=[1,4,\"full\"]",
        "data.flip=true",
        "labelDropout=0.3",
        "clipNorm=0.5",
        "warmupSteps=3",
        "decay=cosine",
        "emaDecay=0.9"
    };

    @TempDir
    private Path folder;

    /** Seen: 3e-6 in weights and 1e-7 in moments, in bf16 4e-3 and 3e-3. Moments show a gradient of another size, which AdamW hides. */
    @ParameterizedTest
    @CsvSource({"2, F32, 1e-5", "3, F32, 1e-5", "6, F32, 1e-5", "2, BF16, 1e-2", "3, BF16, 1e-2"})
    void weightsAreThoseOfASingleProcess(int processes, String dtype, double tolerance) throws Exception {
        Path initial = folder.resolve("initial.safetensors"); // of fresh networks most gradients are zero
        TinyTraining.writeInitial(initial, TinyTraining.config(SETTINGS), "", 0);
        String[] settings = with("dtype=" + dtype, "initFrom=" + initial);
        RunDirectory alone = TinyTraining.train(folder.resolve("alone"), TinyTraining.config(settings));
        RunDirectory shared = new RunDirectory(folder.resolve("shared"));

        train(processes, shared, TinyTraining.config(settings));

        for (String kind : List.of("model.", "ema.", "optimizer.exp_avg.", "optimizer.exp_avg_sq.")) {
            double difference = TinyTraining.difference(shared.checkpoint(8), alone.checkpoint(8), kind);
            assertThat(difference).as(kind).isLessThan(tolerance);
        }
        double[] losses = TinyTraining.losses(alone);
        for (int i = 0; i < losses.length; i++) {
            assertThat(TinyTraining.losses(shared)[i])
                    .isCloseTo(losses[i], org.assertj.core.api.Assertions.within(losses[i] * tolerance));
        }
        assertThat(shared.readLog()).hasSize(8).allMatch(line -> line.processes() == processes);
        assertThat(alone.readLog()).allMatch(line -> line.processes() == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "BF16"})
    void allProcessesEndWithTheSameBits(String dtype) throws Exception {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        List<Map<String, float[]>> weights = train(3, run, TinyTraining.config(with("dtype=" + dtype)));

        for (Map<String, float[]> others : weights.subList(1, 3)) {
            assertThat(others.keySet()).isEqualTo(weights.get(0).keySet()).hasSizeGreaterThan(20);
            others.forEach((name, values) ->
                    assertThat(values).as(name).isEqualTo(weights.get(0).get(name)));
        }
        assertThat(files(run))
                .as("written once, by process 0")
                .containsExactly(
                        "checkpoints/step-00000004.safetensors",
                        "checkpoints/step-00000008.safetensors",
                        "config.json",
                        "data.json",
                        "log.jsonl",
                        "loss.png",
                        "model.safetensors");
    }

    /** The same number of processes gives the same bits; another one differs by the order of summation. */
    @Test
    void aRunIsResumedByAnyNumberOfProcesses() throws Exception {
        TrainConfig config = TinyTraining.config(SETTINGS);
        RunDirectory whole = new RunDirectory(folder.resolve("whole"));
        train(2, whole, config);
        RunDirectory again = new RunDirectory(folder.resolve("again"));
        train(2, again, config);
        assertThat(TinyTraining.checksums(again.checkpoint(8))).isEqualTo(TinyTraining.checksums(whole.checkpoint(8)));

        for (int processes : new int[] {1, 2, 3}) {
            RunDirectory run = new RunDirectory(folder.resolve("run" + processes));
            RunDirectory stopped = new RunDirectory(folder.resolve("stopped" + processes));
            train(2, stopped, config, 0, 5);
            assertThat(stopped.latestCheckpoint()).contains(stopped.checkpoint(5));
            resume(processes, stopped);

            if (processes == 2) {
                assertThat(TinyTraining.checksums(stopped.checkpoint(8)))
                        .isEqualTo(TinyTraining.checksums(whole.checkpoint(8)));
            } else {
                assertThat(TinyTraining.difference(stopped.checkpoint(8), whole.checkpoint(8), "optimizer.exp_avg."))
                        .as(run.path().toString())
                        .isLessThan(2e-5);
            }
            assertThat(stopped.readLog()).extracting(LogEntry::step).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        }
    }

    /** Whichever process is told to stop, at whichever update. */
    @ParameterizedTest
    @CsvSource({"0, 3", "1, 3", "2, 1", "0, 7"})
    void allStopAfterTheSameUpdate(int rank, int step) throws Exception {
        RunDirectory run = new RunDirectory(folder.resolve("run"));

        List<Map<String, float[]>> weights =
                train(3, run, TinyTraining.config(with("checkpointEvery=100")), rank, step);

        assertThat(run.checkpoints()).containsExactly(run.checkpoint(step));
        assertThat(run.model()).doesNotExist();
        assertThat(weights.get(2)).containsOnlyKeys(weights.get(0).keySet());
        weights.get(0)
                .forEach((name, values) ->
                        assertThat(weights.get(2).get(name)).as(name).isEqualTo(values));
    }

    /** Told to stop after the last update: process 0 has its model, the others have nothing to lose. */
    @Test
    void afterTheLastUpdateNobodyWaitsForAStop() throws Exception {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        train(2, run, TinyTraining.config(SETTINGS), 1, 8);
        assertThat(run.model()).exists();
    }

    @Test
    void whenAProcessIsLostTheOthersSaveAndEnd() throws Exception {
        TrainConfig config = TinyTraining.config(with("checkpointEvery=100"));
        RunDirectory run = new RunDirectory(folder.resolve("run"));

        List<String> ends = Processes.run(3, group -> {
            try (Trainer trainer = trainer(group, run, config, leavingAt(group, 2, 5))) {
                trainer.run();
                return "done";
            } catch (LostProcessException e) {
                return String.valueOf(e.getMessage());
            } catch (IllegalStateException e) {
                return "left";
            }
        });

        assertThat(ends.get(2)).isEqualTo("left");
        assertThat(ends.subList(0, 2)).containsOnly("process 2 of 3 has gone: it closed the connection");
        assertThat(run.checkpoints()).containsExactly(run.checkpoint(5));
        resume(1, run);
        RunDirectory whole = TinyTraining.train(folder.resolve("whole"), config);
        assertThat(TinyTraining.difference(run.checkpoint(8), whole.checkpoint(8), "optimizer.exp_avg."))
                .isLessThan(2e-5);
    }

    @Test
    void aLossThatIsNoNumberEndsAllProcesses() throws Exception {
        Path initial = folder.resolve("initial.safetensors");
        TinyTraining.writeInitial(initial, TinyTraining.config(SETTINGS), "x_embedder.proj.bias", Double.NaN);
        TrainConfig config = TinyTraining.config(with("initFrom=" + initial));
        RunDirectory run = new RunDirectory(folder.resolve("run"));

        List<String> ends = Processes.run(2, group -> {
            try (Trainer trainer = trainer(group, run, config, SILENT)) {
                trainer.run();
                return "done";
            } catch (TrainingDivergedException e) {
                return String.valueOf(e.getMessage());
            }
        });

        assertThat(ends.get(0)).startsWith("the loss is NaN at step 0; there is no checkpoint from before");
        assertThat(ends.get(1)).isEqualTo("the loss is NaN at step 0");
    }

    @Test
    void microBatchesMustBeSharedEvenly() {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        assertThatThrownBy(() -> train(4, run, TinyTraining.config(SETTINGS)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the number of processes is 4, allowed is a divisor of the 6 images that are computed at a time"
                                + " (batchSize 12, accumulate 2)");
        assertThat(run.path()).doesNotExist();
    }

    @Test
    void othersMaySayWhereThingsAreAndNothingElse() throws Exception {
        TrainConfig config = TinyTraining.config("steps=2");
        Path copy = folder.resolve("copy");
        Files.createDirectories(copy);
        try (var data = Files.list(Path.of(config.data().path()))) {
            for (Path file : data.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        assertThat(follow(config, "data.path=" + copy, "steps=2")).isEqualTo("done");
        assertThat(follow(config, "steps=3"))
                .isEqualTo(
                        "'steps=3' is not what process 0 trains; a process may set data.path, codec, latents for itself");
        assertThat(follow(config, "data.path=" + folder)).contains(folder.toString());
        assertThat(follow(TinyTraining.config("steps=2", "data.split=test"), "data.path=" + copy))
                .isEqualTo("done");
    }

    @Test
    void otherDataAreNoticed() throws Exception {
        Path pictures = folder.resolve("pictures");
        for (String name : List.of("one/a.png", "one/b.png", "two/a.png", "two/b.png")) {
            writePicture(pictures.resolve(name));
            if (!name.equals("two/b.png")) {
                writePicture(folder.resolve("fewer").resolve(name));
            }
        }
        TrainConfig config = TinyTraining.config(
                "steps=2", "batchSize=2", "data.type=folder", "data.split=all", "data.path=" + pictures);
        assertThat(follow(config, "data.path=" + folder.resolve("fewer")))
                .matches("the data of process 1 of 2 differ from those of process 0: here 3 images of \\[1, 8, 8] in 2"
                        + " classes \\([0-9a-f]{8}\\), there 4 images of .*");
        for (String name : List.of("one/a.png", "one/b.png", "two/a.png", "two/c.png")) {
            writePicture(folder.resolve("renamed").resolve(name));
        }
        assertThat(follow(config, "data.path=" + folder.resolve("renamed")))
                .isEqualTo(
                        "the data of process 1 of 2 differ from those of process 0: as many images, but other names or"
                                + " contents of files or classes");
    }

    private static void writePicture(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        javax.imageio.ImageIO.write(
                new java.awt.image.BufferedImage(8, 8, java.awt.image.BufferedImage.TYPE_BYTE_GRAY),
                "png",
                file.toFile());
    }

    /** How process 1 of 2 ends when it says this. */
    private String follow(TrainConfig config, String... assignments) throws Exception {
        Path unused = Files.createTempDirectory(folder, "run").resolve("run");
        return Processes.run(2, group -> {
                    try (Trainer trainer = group.member().isFirst()
                            ? Trainer.start(config, group, new RunDirectory(unused), SILENT)
                            : Trainer.follow(List.of(assignments), group, SILENT)) {
                        trainer.run();
                        return "done";
                    } catch (IOException | IllegalArgumentException e) {
                        return String.valueOf(e.getMessage());
                    }
                })
                .get(1);
    }

    private static String[] with(String... more) {
        String[] settings = Arrays.copyOf(SETTINGS, SETTINGS.length + more.length);
        System.arraycopy(more, 0, settings, SETTINGS.length, more.length);
        return settings;
    }

    private static Trainer trainer(ProcessGroup group, RunDirectory run, TrainConfig config, TrainingListener listener)
            throws IOException {
        return group.member().isFirst()
                ? Trainer.start(config, group, run, listener)
                : Trainer.follow(List.of(), group, listener);
    }

    private static List<Map<String, float[]>> train(int processes, RunDirectory run, TrainConfig config)
            throws Exception {
        return train(processes, run, config, -1, -1);
    }

    /** Weights of all processes; one of them is told to stop after an update. */
    private static List<Map<String, float[]>> train(
            int processes, RunDirectory run, TrainConfig config, int stopped, long step) throws Exception {
        return Processes.run(processes, group -> {
            boolean stops = group.member().rank() == stopped;
            try (Trainer trainer = trainer(group, run, config, stops ? stopAt(step) : SILENT)) {
                try {
                    trainer.run();
                } catch (CancellationException e) {
                    assertThat(stopped).isGreaterThanOrEqualTo(0);
                }
                Map<String, float[]> weights = new TreeMap<>();
                trainer.weights().forEach((name, tensor) -> weights.put(name, Tensors.floats(tensor)));
                return weights;
            }
        });
    }

    private static void resume(int processes, RunDirectory run) throws Exception {
        Processes.run(processes, group -> {
            try (Trainer trainer = group.member().isFirst()
                    ? Trainer.resume(run, List.of(), group, SILENT)
                    : Trainer.follow(List.of(), group, SILENT)) {
                trainer.run();
                return trainer.step();
            }
        });
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

    /** Fails in a way that nobody handles. */
    private static TrainingListener leavingAt(ProcessGroup group, int rank, long last) {
        return new TrainingListener() {
            @Override
            public void onStep(long step, long totalSteps) {
                if (group.member().rank() == rank && step == last) {
                    throw new IllegalStateException();
                }
            }
        };
    }

    private static List<String> files(RunDirectory run) throws IOException {
        try (var all = Files.walk(run.path())) {
            return all.filter(Files::isRegularFile)
                    .map(file -> run.path().relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }
}
