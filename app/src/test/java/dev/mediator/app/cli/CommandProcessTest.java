package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code sample} and {@code train} in processes of their own: signals, default folders, exit codes. */
@EnabledOnOs(OS.LINUX)
class CommandProcessTest {
    /** Of the configuration of {@link TinyTraining}. */
    private static final int LOG_EVERY = 5;

    @TempDir
    private Path folder;

    @Test
    void samplesGoToAFolderNamedAfterModelAndSettings() throws Exception {
        TinyCheckpoint.write(folder.resolve("tiny.safetensors"));

        ProcessRun run =
                ProcessRun.of(folder, "sample", "--model", "tiny.safetensors", "--points", 4, "--threads", 1, "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode answer = new JsonMapper().readTree(run.out());
        assertThat(answer.path("record").stringValue()).matches("samples/tiny-[0-9a-f]{8}/record\\.json");
        assertThat(folder.resolve(answer.path("record").stringValue())).isRegularFile();
    }

    @Test
    void aSamplingThatIsKilledAndInterruptedIsFinishedByTheSameCommand() throws Exception {
        TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("out");
        String[] command =
                "sample --model tiny.safetensors --threads 1 --count 60 --points 8 --batch 1 --out out".split(" ");

        try (ProcessRun.Running running = ProcessRun.start(folder, (Object[]) command)) {
            running.await(() -> pictures(out).size() >= 2);
        } // kill -9
        int killed = pictures(out).size();
        try (ProcessRun.Running running = ProcessRun.start(folder, (Object[]) command)) {
            running.await(() -> pictures(out).size() >= Math.min(180, killed + 2));
            running.interrupt();
            ProcessRun interrupted = running.end();

            int made = pictures(out).size();
            if (made < 180) { // else the signal came too late
                assertThat(interrupted.exitCode()).isEqualTo(130);
                assertThat(interrupted.err())
                        .endsWith("stopped with " + made + " of 180 pictures in out; the same command makes the rest\n"
                                + "mediator: interrupted\n");
            }
        }
        ProcessRun finished = ProcessRun.of(folder, (Object[]) command);

        assertThat(finished.exitCode()).as(finished.err()).isZero();
        assertThat(pictures(out)).hasSize(180);
        Path reference = folder.resolve("reference");
        command[command.length - 1] = reference.toString();
        command[2] = folder.resolve("tiny.safetensors").toString();
        CliRun.of((Object[]) command);
        for (String picture : pictures(out)) {
            assertThat(out.resolve(picture)).hasSameBinaryContentAs(reference.resolve(picture));
        }
    }

    @Test
    void aTrainingThatIsInterruptedSavesACheckpointAndGoesOn() throws Exception {
        TinyTraining.writeConfig(folder.resolve("tiny.json"));
        String step;
        try (ProcessRun.Running running = ProcessRun.start(
                folder,
                "train",
                "tiny.json",
                "--set",
                "steps=1000000",
                "--set",
                "checkpointEvery=1000000",
                "--threads",
                1)) {
            running.await(() -> Files.exists(folder.resolve("runs/tiny/log.jsonl")));
            running.interrupt();
            ProcessRun interrupted = running.end();

            assertThat(interrupted.exitCode()).isEqualTo(130);
            assertThat(interrupted.err())
                    .containsPattern("stopped at step \\d+ with a checkpoint; go on with: ./mediator train --run"
                            + " runs/tiny --resume --threads 1\nmediator: interrupted\n$");
            step = interrupted.err().replaceAll("(?s).*stopped at step (\\d+).*", "$1");
        }

        ProcessRun resumed = ProcessRun.of(
                folder, "train", "--run", "runs/tiny", "--resume", "--set", "steps=" + (Long.parseLong(step) + 3));

        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("from step " + step + " to ");
        assertThat(folder.resolve("runs/tiny/model.safetensors")).isRegularFile();
    }

    /** A limit on the size of files is what a full disk is to a process. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aCheckpointThatCannotBeWrittenLosesNothing() throws Exception {
        TinyTraining.writeConfig(folder.resolve("tiny.json"));
        Object[] begin = with("train tiny.json --set steps=2 --set checkpointEvery=2 --threads 1");
        ProcessRun begun = ProcessRun.of(folder, begin); // builds the program and unpacks its libraries
        assertThat(begun.exitCode()).as(begun.err()).isZero();
        Object[] resume = with("train --run runs/tiny --resume --set steps=4 --threads 1");
        List<Object> limited = new ArrayList<>(List.of("-c", "ulimit -f 128; exec \"$0\" \"$@\"", ProcessRun.LAUNCHER));
        limited.addAll(List.of(resume));

        try (ProcessRun.Running running = ProcessRun.startThrough(Path.of("/bin/sh"), folder, limited.toArray())) {
            ProcessRun failed = running.end();
            assertThat(failed.err())
                    .contains("step-00000004.safetensors cannot be written: it would be larger than this process or its"
                            + " file system may write")
                    .contains("step-00000002.safetensors is whole; once it can be written, go on with: ./mediator train"
                            + " --run runs/tiny --resume --set steps=4 --threads 1");
            assertThat(failed.exitCode()).isEqualTo(1);
        }
        assertThat(folder.resolve("runs/tiny/checkpoints")).isDirectoryNotContaining("glob:**.tmp");
        ProcessRun resumed = ProcessRun.of(folder, resume);
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    }

    @Test
    void aTrainingThatIsKilledEndsWithTheSameWeightsWhenResumed() throws Exception {
        Path config = TinyTraining.writeConfig(folder.resolve("tiny.json"));
        Path run = folder.resolve("runs/tiny");
        Path log = run.resolve("log.jsonl");
        Object[] endless = with("train tiny.json --set steps=1000000 --set checkpointEvery=5 --threads 1");

        try (ProcessRun.Running running = ProcessRun.start(folder, endless)) {
            running.await(() -> Files.exists(log) && Files.readAllLines(log).size() > 2);
        } // kill -9
        assertThat(run.resolve("model.safetensors")).doesNotExist();
        int logged = Files.readAllLines(log).size() * LOG_EVERY;
        String steps = "steps=" + (logged + 20);
        ProcessRun resumed = ProcessRun.of(folder, "train", "--run", run, "--resume", "--set", steps, "--threads", 1);
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();

        Path straight = folder.resolve("straight");
        CliRun.of(with(
                "train " + config + " --run " + straight + " --set checkpointEvery=5 --threads 1", "--set", steps));
        assertThat(checksums(run.resolve("model.safetensors")))
                .isEqualTo(checksums(straight.resolve("model.safetensors")));
        assertThat(Files.readAllLines(run.resolve("log.jsonl")))
                .hasSameSizeAs(Files.readAllLines(straight.resolve("log.jsonl")));
    }

    private static Object[] with(String words, String... more) {
        return Stream.concat(Stream.of(words.split(" ")), Stream.of(more)).toArray();
    }

    private static List<String> pictures(Path out) throws IOException {
        if (!Files.isDirectory(out)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(out)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(".*seed\\d+\\.png"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> checksums(Path file) throws IOException {
        List<String> checksums = new ArrayList<>();
        try (SafeTensors tensors = SafeTensors.open(file)) {
            for (TensorEntry entry : tensors.entries()) {
                checksums.add(entry.name() + " " + tensors.sha256(entry.name()));
            }
        }
        return checksums;
    }
}
