package dev.mediator.app.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.TinyTraining;
import dev.mediator.tensor.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterruptionTest {
    @TempDir
    private Path folder;

    @Test
    void theProcessWaitsForItsCommandAndTellsItToStop() throws InterruptedException {
        Interruption interruption = new Interruption(Duration.ofMinutes(5));
        CountDownLatch ended = new CountDownLatch(1);
        Thread signal = new Thread(() -> {
            interruption.request(143);
            ended.countDown();
        });
        try (Cancellation.Listening listening = interruption.commandStarted(() -> {})) {
            Cancellation.check();
            signal.start();
            while (!interruption.isRequested()) {
                Thread.sleep(5);
            }
            assertThatThrownBy(Cancellation::check).isInstanceOf(CancellationException.class);
            assertThat(ended.getCount()).as("the command still cleans up").isOne();
        }
        ended.await();
        assertThat(interruption.exitCode()).isEqualTo(143);
        Cancellation.check(); // nobody listens any more
    }

    @Test
    void withoutACommandItEndsAtOnce() {
        Interruption interruption = new Interruption(Duration.ofMinutes(5));

        interruption.request(); // would run into the timeout if it waited

        assertThat(interruption.isIdle()).isTrue();
    }

    @Test
    void aStepThatTakesTooLongIsNotWaitedFor() {
        Interruption interruption = new Interruption(Duration.ofMillis(50));
        try (Cancellation.Listening listening = interruption.commandStarted(() -> {})) {
            interruption.request(); // would run into the timeout if it waited
            assertThat(interruption.isIdle()).isFalse();
        }
    }

    /** Told to stop before anything: each command says so in one line, answers under --json, and leaves nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "train CONFIG --run OUT",
                "train-autoencoder CONFIG --run OUT",
                "train-classifier --out OUT",
                "sample --model MODEL --out OUT",
                "encode CONFIG --out OUT",
                "experiment CONFIG --out OUT",
                "evaluate --model MODEL --reference MODEL --out OUT",
                "make-reference MODEL --out OUT",
                "compare MODEL MODEL --out OUT",
                "tune --model MODEL --budgets 0.9 --out OUT",
                "analyze redundancy --model MODEL --out OUT",
                "analyze attention --model MODEL --class bag --out OUT",
                "analyze schedules --model MODEL --schedule static:4 --out OUT",
                "convert MODEL OUT",
                "adapt MODEL OUT",
                "bench --model MODEL",
                "selftest",
                "info MODEL",
                "flops --model MODEL"
            })
    void everyCommandStops(String command) throws IOException {
        Path out = folder.resolve("out");
        String line = command.replace(
                        "CONFIG",
                        TinyTraining.writeConfig(folder.resolve("c.json")).toString())
                .replace("OUT", out.toString())
                .replace(
                        "MODEL",
                        TinyCheckpoint.write(folder.resolve("tiny.safetensors")).toString());
        Interruption interruption = new Interruption(Duration.ZERO);
        interruption.request(143);

        CliRun run = CliRun.of(interruption, (Object[]) (line + " --json --threads 1").split(" "));

        assertThat(run.exitCode()).as(run.err()).isEqualTo(143);
        assertThat(run.err()).matches("(?s).*stopped[^\n]*\nmediator: interrupted\n");
        assertThat(run.json().path("exitCode").intValue()).isEqualTo(143);
        assertThat(Files.exists(out)).isFalse();
    }
}
