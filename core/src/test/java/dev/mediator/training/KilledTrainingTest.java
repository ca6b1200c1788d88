package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.process.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training whose process is killed again and again ends with the weights of one that was left alone. */
class KilledTrainingTest {
    private static final int STEPS = 150;
    private static final int KILLS = 3;

    /** No kill is planned so near the end that the training might be over before. */
    private static final int LAST_KILL = STEPS - 60;

    private static final List<String> JVM = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /** Everything that draws or remembers: elastic counts, flips, dropout, micro-batches, clipping, a schedule. */
    private static final List<String> SETTINGS = List.of(
            "steps=" + STEPS,
            "checkpointEvery=8",
            "keepCheckpoints=2",
            "model.mediators=[1,4,\"full\"]",
            "mediatorWeights=[1,2,1]",
            "data.flip=true",
            "labelDropout=0.3",
            "accumulate=2",
            "clipNorm=0.5",
            "warmupSteps=10",
            "decay=cosine",
            "emaDecay=0.9");

    /** Of the moments of the kills; {@code benchmarks/faults} tries others. */
    private static final long SEED = 1;

    @TempDir
    private Path folder;

    @Test
    void killedRunsEndWithTheSameWeights() throws Exception {
        RunDirectory whole = new RunDirectory(folder.resolve("whole"));
        assertThat(trainToTheEnd(whole).exitCode()).isZero();

        Random moments = new Random(SEED);
        RunDirectory killed = new RunDirectory(folder.resolve("killed"));
        int reached = 0;
        int kills = 0;
        while (kills < KILLS && reached < LAST_KILL) {
            reached = killAt(killed, reached + 1 + moments.nextInt(20), moments.nextInt(10));
            kills++;
        }
        assertThat(kills).isGreaterThan(1);
        Outcome last = trainToTheEnd(killed);

        assertThat(last.exitCode()).as(last.output().toString()).isZero();
        assertThat(last.output()).as("the last process resumed").doesNotContain("1");
        assertThat(TinyTraining.checksums(killed.checkpoint(STEPS)))
                .as("seed " + SEED)
                .isEqualTo(TinyTraining.checksums(whole.checkpoint(STEPS)));
        assertThat(TinyTraining.checksums(killed.model())).isEqualTo(TinyTraining.checksums(whole.model()));
        assertThat(killed.readLog())
                .as("no line is missing or there twice")
                .extracting(LogEntry::step)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, STEPS).mapToObj(Long::valueOf).toList());
        assertThat(TinyTraining.losses(killed)).isEqualTo(TinyTraining.losses(whole));
    }

    /** What a process said, and how it ended. */
    private record Outcome(int exitCode, List<String> output) {}

    private Outcome trainToTheEnd(RunDirectory run) throws IOException, InterruptedException {
        Process process = start(run);
        try (BufferedReader reader = process.inputReader()) {
            List<String> output = reader.lines().toList();
            return new Outcome(process.waitFor(), output);
        }
    }

    /** Kills (SIGKILL) a process that trains a little after it reported this update; returns the last update reported. */
    private int killAt(RunDirectory run, int target, int delayMillis) throws IOException, InterruptedException {
        Process process = start(run);
        List<String> output = new ArrayList<>();
        try (BufferedReader reader = process.inputReader()) {
            String line = reader.readLine();
            while (line != null) {
                output.add(line);
                if (line.equals(Integer.toString(target))) {
                    Thread.sleep(delayMillis);
                    process.toHandle().destroyForcibly(); // unlike the process itself, leaves its output readable
                }
                line = reader.readLine();
            }
        }
        assertThat(process.waitFor()).as("killed, not ended: " + output).isNotZero();
        assertThat(output).as("seed " + SEED).contains(Integer.toString(target));
        return Integer.parseInt(output.get(output.size() - 1));
    }

    private static Process start(RunDirectory run) throws IOException {
        List<Object> arguments = new ArrayList<>();
        arguments.add(run.path());
        arguments.addAll(SETTINGS);
        return ChildJvm.start(JVM, TrainingProgram.class, arguments.toArray());
    }
}
