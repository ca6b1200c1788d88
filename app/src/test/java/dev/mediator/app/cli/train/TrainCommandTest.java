package dev.mediator.app.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.TinyTraining;
import dev.mediator.app.cli.console.InterruptionWhen;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code train}: the run directory, settings, resume. */
class TrainCommandTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    private Path config;
    private Path run;

    @BeforeEach
    void writeConfig() throws IOException {
        config = TinyTraining.writeConfig(folder.resolve("tiny.json"));
        run = folder.resolve("run");
    }

    @Test
    void aRunDirectoryHoldsAllThatWasMade() throws IOException {
        CliRun done = train("--set", "sampleEvery=20", "--set", "keepCheckpoints=1");

        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.out()).contains("trained to step 20, loss ", "model: " + run.resolve("model.safetensors"));
        assertThat(done.err()).contains("training in " + run + " with ", "from step 0 to 20");
        assertThat(files())
                .containsExactly(
                        "checkpoints/step-00000020.safetensors",
                        "config.json",
                        "data.json",
                        "log.jsonl",
                        "loss.png",
                        "model.safetensors",
                        "samples/step-00000020.png");
        List<String> log = Files.readAllLines(run.resolve("log.jsonl"));
        assertThat(log).hasSize(4);
        assertThat(JSON.readTree(log.get(3)).propertyNames())
                .containsExactlyInAnyOrder(
                        "step",
                        "epoch",
                        "loss",
                        "gradientNorm",
                        "learningRate",
                        "imagesPerSecond",
                        "gflopsPerSecond",
                        "processes",
                        "seconds");
        assertThat(JSON.readTree(log.get(3)).path("epoch").doubleValue()).isEqualTo(20 * 8 / 200.0);
        assertThat(PictureFile.read(run.resolve("loss.png")).width()).isPositive();
        assertThat(PictureFile.read(run.resolve("samples/step-00000020.png")).width())
                .isPositive();
    }

    @Test
    void jsonIsOneObject() {
        CliRun done = train("--json");

        JsonNode answer = done.json();
        assertThat(answer.propertyNames())
                .containsExactly("run", "step", "loss", "imagesPerSecond", "processes", "model");
        assertThat(answer.path("run").stringValue()).isEqualTo(run.toString());
        assertThat(answer.path("step").longValue()).isEqualTo(20);
        assertThat(answer.path("loss").doubleValue()).isBetween(0.01, 10.0);
        assertThat(Path.of(answer.path("model").stringValue())).isRegularFile();
    }

    @Test
    void settingsOverlayTheFile() throws IOException {
        train(
                "--set",
                "steps=2",
                "--set",
                "optimizer.learningRate=0.001",
                "--set",
                "data.classNames=[]",
                "--dtype",
                "bf16");

        JsonNode stored = JSON.readTree(Files.readString(run.resolve("config.json")));
        assertThat(stored.path("steps").intValue()).isEqualTo(2);
        assertThat(stored.path("optimizer").path("learningRate").doubleValue()).isEqualTo(0.001);
        assertThat(stored.path("optimizer").path("beta2").doubleValue()).isEqualTo(0.999);
        assertThat(stored.path("data").path("classNames")).isEmpty();
        assertThat(stored.path("dtype").stringValue()).isEqualTo("BF16");
        assertThat(stored.path("batchSize").intValue()).isEqualTo(8);
    }

    @Test
    void aResumedRunEndsWithTheWeightsOfOneThatWasNotInterrupted() throws IOException {
        Path straight = folder.resolve("straight");
        CliRun.of("train", config, "--run", straight, "--threads", 1);
        train("--set", "steps=7");

        CliRun resumed = CliRun.of("train", "--run", run, "--resume", "--set", "steps=20", "--json", "--threads", 1);

        assertThat(resumed.err()).contains("from step 7 to 20");
        assertThat(resumed.json().path("step").longValue()).isEqualTo(20);
        assertThat(checksums(run.resolve("model.safetensors")))
                .hasSizeGreaterThan(20)
                .isEqualTo(checksums(straight.resolve("model.safetensors")));
        assertThat(checksums(run.resolve("checkpoints/step-00000020.safetensors")))
                .isEqualTo(checksums(straight.resolve("checkpoints/step-00000020.safetensors")));
    }

    /** The checkpoint has it too. */
    @Test
    void aConfigurationThatIsGoneOrDamagedIsWrittenAnew() throws IOException {
        train("--set", "steps=4");
        Path stored = run.resolve("config.json");
        String before = Files.readString(stored);
        Files.delete(stored);
        assertThat(train().err()).contains(run + " holds a training already");

        resumesAndRestores(6, before);
        Files.writeString(stored, before.substring(0, before.length() / 2));
        resumesAndRestores(8, before);
    }

    private void resumesAndRestores(int steps, String config) throws IOException {
        Path stored = run.resolve("config.json");
        CliRun resumed = CliRun.of("train", "--run", run, "--resume", "--set", "steps=" + steps, "--threads", 1);
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains(stored + " is missing or damaged: it is written anew from ");
        assertThat(JSON.readTree(Files.readString(stored)).propertyNames())
                .isEqualTo(JSON.readTree(config).propertyNames());
    }

    @Test
    void activationsMayBeRecomputedFromAnyStepOn() throws IOException {
        Path straight = folder.resolve("straight");
        CliRun.of("train", config, "--run", straight, "--threads", 1);
        CliRun started =
                CliRun.of("train", config, "--run", run, "--threads", 1, "--set", "steps=7", "--recompute-activations");
        assertThat(started.exitCode()).as(started.err()).isZero();
        assertThat(recomputes("checkpoints/step-00000007.safetensors")).isTrue();

        CliRun kept = CliRun.of(
                "train",
                "--run",
                run,
                "--resume",
                "--threads",
                1,
                "--set",
                "steps=9",
                "--set",
                "recomputeActivations=false");
        assertThat(kept.exitCode()).as(kept.err()).isZero();
        assertThat(recomputes("checkpoints/step-00000009.safetensors")).isFalse();
        CliRun again = CliRun.of(
                "train", "--run", run, "--resume", "--threads", 1, "--set", "steps=20", "--recompute-activations");
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(recomputes("model.safetensors")).isTrue();

        assertThat(checksums(run.resolve("model.safetensors")))
                .isEqualTo(checksums(straight.resolve("model.safetensors")));
    }

    private boolean recomputes(String file) throws IOException {
        try (SafeTensors tensors = SafeTensors.open(run.resolve(file))) {
            return JSON.readTree(tensors.metadata().get("provenance"))
                    .path("training")
                    .path("recomputeActivations")
                    .booleanValue();
        }
    }

    @Test
    void aFinishedRunMayBeResumedAndIsDone() {
        train();

        CliRun again = CliRun.of("train", "--run", run, "--resume");

        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.out()).startsWith("trained to step 20 before\n");
    }

    @Test
    void aConfigurationBesideResumeOnlyNamesTheRun() throws IOException {
        train("--set", "steps=5");
        Files.writeString(config, Files.readString(config).replace("0.003", "0.004"));

        CliRun changed = CliRun.of("train", config, "--run", run, "--resume", "--set", "steps=6", "--threads", 1);

        assertThat(changed.exitCode()).as(changed.err()).isZero();
        assertThat(changed.err()).contains(config + " differs from the run's own configuration, which is used");
        Files.writeString(config, Files.readString(config).replace("0.004", "0.003"));
        assertThat(CliRun.of("train", config, "--run", run, "--resume", "--set", "steps=7", "--threads", 1)
                        .err())
                .doesNotContain("differs");
    }

    @Test
    void interruptedItSavesACheckpointAndTellsHowToGoOn() throws Exception {
        CliRun interrupted = CliRun.of(
                new InterruptionWhen(() -> Files.exists(run.resolve("log.jsonl"))),
                "train",
                config,
                "--run",
                run,
                "--set",
                "steps=1000000",
                "--set",
                "checkpointEvery=1000000",
                "--threads",
                1);

        assertThat(interrupted.exitCode()).isEqualTo(130);
        assertThat(interrupted.err())
                .containsPattern("stopped at step \\d+ with a checkpoint; go on with: ./mediator train --run "
                        + java.util.regex.Pattern.quote(run.toString()) + " --resume --threads 1\n")
                .endsWith("mediator: interrupted\n");
        long step = Long.parseLong(interrupted.err().replaceAll("(?s).*stopped at step (\\d+).*", "$1"));
        assertThat(run.resolve(String.format("checkpoints/step-%08d.safetensors", step)))
                .exists();
        assertThat(run.resolve("model.safetensors")).doesNotExist();
        CliRun rest =
                CliRun.of("train", "--run", run, "--resume", "--set", "steps=" + (step + 5), "--json", "--threads", 1);
        assertThat(rest.json().path("step").longValue()).isEqualTo(step + 5);
    }

    @Test
    void unreadableImagesAreCountedWhereTheyMayBeLeftOut() throws IOException {
        Path pictures = folder.resolve("pictures");
        Files.createDirectories(pictures.resolve("a"));
        Files.createDirectories(pictures.resolve("b"));
        Path sample = folder.resolve("samples");
        CliRun.of(
                "sample",
                "--model",
                TinyCheckpoint.write(folder.resolve("t.safetensors")),
                "--out",
                sample,
                "--points",
                2);
        Files.copy(sample.resolve("00-boot-seed0.png"), pictures.resolve("a/1.png"));
        Files.copy(sample.resolve("01-bag-seed0.png"), pictures.resolve("b/1.png"));
        Path broken = Files.writeString(pictures.resolve("b/2.png"), "no picture");
        Object[] command = {
            "train",
            config,
            "--run",
            run,
            "--set",
            "data.type=folder",
            "--set",
            "data.split=all",
            "--set",
            "data.path=" + pictures,
            "--set",
            "steps=4",
            "--threads",
            1
        };

        CliRun strict = CliRun.of(command);
        assertThat(strict.exitCode()).isEqualTo(1);
        assertThat(strict.err()).contains("mediator: " + broken).doesNotContain("\tat ");

        run = folder.resolve("run2");
        command[3] = run;
        CliRun lenient = CliRun.of(Stream.concat(Stream.of(command), Stream.of("--skip-unreadable"))
                .toArray());
        assertThat(lenient.exitCode()).as(lenient.err()).isZero();
        assertThat(lenient.err()).contains("1 unreadable images are left out, the first is " + broken);
    }

    private CliRun train(Object... more) {
        return CliRun.of(Stream.concat(Stream.of("train", config, "--run", run, "--threads", 1), Stream.of(more))
                .toArray());
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(run)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> run.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private static Map<String, String> checksums(Path file) throws IOException {
        Map<String, String> checksums = new TreeMap<>();
        try (SafeTensors tensors = SafeTensors.open(file)) {
            for (TensorEntry entry : tensors.entries()) {
                checksums.put(entry.name(), tensors.sha256(entry.name()));
            }
        }
        return checksums;
    }
}
