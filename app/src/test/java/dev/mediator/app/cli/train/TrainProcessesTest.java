package dev.mediator.app.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.ProcessRun;
import dev.mediator.app.cli.TinyTraining;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code train} in several processes: started by one of them, or each by itself. */
@EnabledOnOs(OS.LINUX)
class TrainProcessesTest {
    private static final String ENDLESS = "--set steps=1000000 --set checkpointEvery=1000000 --set logEvery=1";

    @TempDir
    private Path folder;

    private Path run;

    @BeforeEach
    void writeConfig() throws IOException {
        TinyTraining.writeConfig(folder.resolve("tiny.json"));
        run = folder.resolve("runs/tiny");
    }

    @Test
    void threeProcessesTrainAsOneDoes() throws Exception {
        String settings = "--set batchSize=12 --set accumulate=2 --set clipNorm=0.5 --threads 1";
        Path alone = folder.resolve("alone");
        CliRun single = CliRun.of(words("train " + folder.resolve("tiny.json") + " --run " + alone + " " + settings));
        assertThat(single.exitCode()).as(single.err()).isZero();

        ProcessRun shared = ProcessRun.of(folder, words("train tiny.json --processes 3 --json " + settings));

        assertThat(shared.exitCode()).as(shared.err()).isZero();
        JsonNode answer = new JsonMapper().readTree(shared.out());
        assertThat(answer.path("processes").intValue()).isEqualTo(3);
        assertThat(answer.path("step").intValue()).isEqualTo(20);
        assertThat(shared.err())
                .contains("training in runs/tiny with 3 processes of 1 threads, from step 0 to 20")
                .doesNotContain("process 1");
        String last = "checkpoints/step-00000020.safetensors";
        assertThat(difference(run.resolve(last), alone.resolve(last))).isLessThan(2e-4);
        assertThat(Files.readAllLines(run.resolve("log.jsonl")))
                .hasSize(4)
                .allMatch(l -> l.contains("\"processes\":3"));
    }

    @Test
    void whenOneIsKilledTheOthersEndAndTheRunGoesOn() throws Exception {
        try (ProcessRun.Running running =
                start(folder, "train tiny.json --processes 3 --threads 1 --set batchSize=12 " + ENDLESS)) {
            running.await(() -> lines() > 3);
            List<ProcessHandle> children = running.process().children().toList();
            assertThat(children).hasSize(2);
            children.get(1).destroyForcibly();
            ProcessRun ended = running.end();

            assertThat(ended.exitCode()).as(ended.err()).isEqualTo(1);
            assertThat(ended.err())
                    .containsPattern(
                            "stopped at step \\d+ with a checkpoint; go on with: ./mediator train --run runs/tiny --resume"
                                    + " --processes 3 --threads 1\n")
                    .containsPattern("\nmediator: process \\d of 3 was killed by signal 9\n$");
            assertGone(children);
            int step = Integer.parseInt(ended.err().replaceAll("(?s).*stopped at step (\\d+).*", "$1"));
            CliRun resumed =
                    CliRun.of("train", "--run", run, "--resume", "--set", "steps=" + (step + 2), "--threads", 1);
            assertThat(resumed.exitCode()).as(resumed.err()).isZero();
            assertThat(resumed.err()).contains("from step " + step + " to " + (step + 2));
        }
    }

    @Test
    void whenTheFirstIsKilledNoneIsLeft() throws Exception {
        try (ProcessRun.Running running = start(folder, "train tiny.json --processes 2 --threads 1 " + ENDLESS)) {
            running.await(() -> lines() > 3);
            List<ProcessHandle> children = running.process().children().toList();
            assertThat(children).hasSize(1).allMatch(ProcessHandle::isAlive);
            running.process().destroyForcibly().waitFor();
            assertGone(children);
        }
    }

    @Test
    void controlCSavesOnceAndEndsAll() throws Exception {
        try (ProcessRun.Running running = start(folder, "train tiny.json --processes 2 --threads 1 " + ENDLESS)) {
            running.await(() -> lines() > 3);
            List<ProcessHandle> children = running.process().children().toList();
            running.interrupt();
            ProcessRun interrupted = running.end();

            assertThat(interrupted.exitCode()).isEqualTo(130);
            assertThat(interrupted.err())
                    .containsPattern("stopped at step \\d+ with a checkpoint; go on with: ./mediator train --run"
                            + " runs/tiny --resume --processes 2 --threads 1\n")
                    .endsWith("mediator: interrupted\n")
                    .doesNotContain("process 1");
            assertGone(children);
        }
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            assertThat(checkpoints).hasSize(1);
        }
        int before = lines();
        try (ProcessRun.Running running = start(folder, "train --run runs/tiny --resume --processes 2 --threads 1")) {
            running.await(() -> lines() > before + 3);
            List<ProcessHandle> children = running.process().children().toList();
            running.process().destroy(); // SIGTERM
            ProcessRun ended = running.end();
            assertThat(ended.exitCode()).isEqualTo(143);
            assertThat(ended.err())
                    .contains("with 2 processes of 1 threads, from step ", " with a checkpoint; go on with");
            assertGone(children);
        }
    }

    /** As on two machines: the second has neither the configuration nor the run's folder. */
    @Test
    void processesThatAreStartedElsewhereJoin() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        int port = unusedPort();
        String environment = "MASTER_ADDR=" + InetAddress.getLocalHost().getHostName() + " MASTER_PORT=" + port
                + " WORLD_SIZE=2 LOCAL_WORLD_SIZE=2 LOCAL_RANK=0";
        String settings = " train tiny.json --set steps=4 --set data.path=" + TinyTraining.EXCERPT + " --json";
        try (ProcessRun.Running second = ProcessRun.startThrough(
                        Path.of("/usr/bin/env"),
                        elsewhere,
                        words(environment + " RANK=1 " + ProcessRun.LAUNCHER + settings));
                ProcessRun.Running first = ProcessRun.startThrough(
                        Path.of("/usr/bin/env"),
                        folder,
                        words(environment + " RANK=0 " + ProcessRun.LAUNCHER + settings))) {
            ProcessRun answer = first.end();
            ProcessRun follower = second.end();

            assertThat(answer.exitCode()).as(answer.err()).isZero();
            assertThat(follower.exitCode()).as(follower.err()).isZero();
            assertThat(new JsonMapper().readTree(answer.out()).path("processes").intValue())
                    .isEqualTo(2);
            assertThat(follower.out()).isEmpty();
            assertThat(follower.err()).isEmpty();
        }
        try (Stream<Path> files = Files.list(elsewhere)) {
            assertThat(files).isEmpty();
        }
        assertThat(run.resolve("model.safetensors")).isRegularFile();
    }

    @Test
    void whoHasAnotherOpinionIsToldSo() throws Exception {
        int port = unusedPort();
        String join = "train tiny.json --threads 1 --world-size 2 --join 127.0.0.1:" + port;
        try (ProcessRun.Running second = start(folder, join + " --rank 1 --set batchSize=16");
                ProcessRun.Running first = start(folder, join + " --rank 0")) {
            ProcessRun follower = second.end();
            assertThat(follower.exitCode()).isEqualTo(2);
            assertThat(follower.err())
                    .isEqualTo(
                            "mediator: process 1 of 2: 'batchSize=16' is not what process 0 trains; a process may set"
                                    + " data.path, codec, latents for itself\n");
            ProcessRun answer = first.end();
            assertThat(answer.exitCode()).isEqualTo(1);
            assertThat(answer.err()).matches("mediator: process 1 of 2 has gone: .*\n");
            assertThat(run)
                    .as("nothing is left that would be in the way of the next attempt")
                    .doesNotExist();
        }
    }

    @Test
    void mistakesAreToldBeforeAnythingStarts() {
        assertMistake(
                "--processes 3",
                "the number of processes is 3, allowed is a divisor of the 8 images that are computed at"
                        + " a time (batchSize 8, accumulate 1)");
        assertMistake("--processes 0", "the number of processes is 0, allowed are 1 to 4096");
        assertMistake(
                "--processes 2 --rank 1",
                "--processes starts all processes itself: it does not go with --join, --rank and --world-size, which are"
                        + " for processes that others start");
        assertMistake(
                "--join node1:29500", "a training that is shared by --join needs --rank, or RANK in the environment");
        assertMistake(
                "--join node1 --rank 0 --world-size 2",
                "address is 'node1', expected is HOST:PORT such as node1:29500");
        assertMistake("--join node1:29500 --rank 2 --world-size 2", "rank is 2, allowed with 2 processes are 0 to 1");
        assertMistake(
                "--rank 0 --world-size 2",
                "--rank and --world-size need --join HOST:PORT, or MASTER_ADDR and MASTER_PORT"
                        + " in the environment");
        assertMistake("--processes 2 --join-timeout 0", "--join-timeout is 0, allowed are 1 to 86400 seconds");
    }

    private void assertMistake(String options, String message) {
        CliRun failed = CliRun.of(words("train " + folder.resolve("tiny.json") + " --run " + run + " " + options));
        assertThat(failed.err()).endsWith("mediator: " + message + "\n");
        assertThat(failed.exitCode()).isEqualTo(2);
        assertThat(run).doesNotExist();
    }

    @Test
    void nobodyIsWaitedForForever() throws Exception {
        String join = "train " + folder.resolve("tiny.json") + " --run " + run
                + " --join-timeout 1 --world-size 2 --join" + " 127.0.0.1:" + unusedPort();
        CliRun first = CliRun.of(words(join + " --rank 0"));
        assertThat(first.exitCode()).isEqualTo(1);
        assertThat(first.err())
                .isEqualTo("mediator: 1 of 2 processes have come within 1 s, missing are those of rank 1\n");
        CliRun second = CliRun.of(words(join + " --rank 1"));
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.err())
                .startsWith("mediator: process 1 of 2: process 0 cannot be reached at 127.0.0.1:")
                .endsWith(" within 1 s: Connection refused\n");
    }

    /** A process ends within seconds of what it depends on. */
    private static void assertGone(List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            process.onExit().get();
            assertThat(process.isAlive()).isFalse();
        }
    }

    private int lines() throws IOException {
        Path log = run.resolve("log.jsonl");
        return Files.exists(log) ? Files.readAllLines(log).size() : 0;
    }

    private static ProcessRun.Running start(Path folder, String command) throws IOException {
        return ProcessRun.start(folder, words(command));
    }

    private static Object[] words(String command) {
        return command.split(" ");
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** max|a − b| / max|b| over all tensors. */
    private static double difference(Path a, Path b) throws IOException {
        double difference = 0;
        double largest = 0;
        try (Scope scope = Scope.open();
                SafeTensors here = SafeTensors.open(a);
                SafeTensors there = SafeTensors.open(b)) {
            for (Map.Entry<String, Tensor> entry : there.all().entrySet()) {
                difference = Math.max(
                        difference, Tensors.maxAbs(here.get(entry.getKey()).sub(entry.getValue())));
                largest = Math.max(largest, Tensors.maxAbs(entry.getValue()));
            }
        }
        return difference / largest;
    }
}
