package dev.mediator.app.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyTraining;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.checkpoint.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code train-classifier} on the excerpt's 200 images. */
class TrainClassifierCommandTest {
    @TempDir
    private Path folder;

    @Test
    void trainsTestsAndWrites() throws IOException {
        Path out = folder.resolve("made/classifier.safetensors");

        CliRun done = train("--out", out, "--epochs", 1, "--json");

        JsonNode answer = done.json();
        assertThat(answer.propertyNames())
                .containsExactly(
                        "file",
                        "sha256",
                        "epochs",
                        "steps",
                        "loss",
                        "testAccuracy",
                        "testImages",
                        "classAccuracy",
                        "seconds");
        assertThat(answer.path("file").stringValue()).isEqualTo(out.toString());
        assertThat(answer.path("steps").longValue()).isEqualTo(3);
        assertThat(answer.path("testImages").longValue()).isEqualTo(100);
        assertThat(answer.path("classAccuracy").propertyNames()).hasSize(10).contains("Ankle boot");
        try (SafeTensors file = SafeTensors.open(out)) {
            assertThat(file.metadata().get("provenance")).contains("train-classifier", "\"seed\":0");
        }
    }

    @Test
    void tellsPeopleTheAccuracy() {
        CliRun done = train("--out", folder.resolve("c.safetensors"), "--epochs", 1, "--seed", 5);

        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.out())
                .contains("Ankle boot", "test accuracy ", " % of 100 images, after 1 epochs", "weights: ");
    }

    @Test
    void wrongArgumentsAreBadUsage() {
        assertThat(CliRun.of("train-classifier").exitCode()).isEqualTo(2);
        CliRun none = train("--out", folder.resolve("c.safetensors"), "--epochs", 0);
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("epochs is 0, allowed is 1 to 10000");
        CliRun typed = train("--out", folder.resolve("c.safetensors"), "--dtype", "bf16");
        assertThat(typed.exitCode()).isEqualTo(2);
        assertThat(typed.err()).contains("--dtype");
    }

    @Test
    void filesThatCannotBeAreFailures() {
        CliRun onFolder = train("--out", folder);
        assertThat(onFolder.exitCode()).isEqualTo(1);
        assertThat(onFolder.err()).contains(folder + " is a folder");
        CliRun noData = CliRun.of("train-classifier", "--out", folder.resolve("c"), "--data", folder);
        assertThat(noData.exitCode()).isEqualTo(1);
        assertThat(noData.err()).contains("dataset-fashion-mnist");
    }

    @Test
    void interruptedItLeavesNothing() {
        Interruption interruption = new Interruption(Duration.ZERO);
        Path out = folder.resolve("c.safetensors");
        interruption.request();

        CliRun stopped = CliRun.of(interruption, "train-classifier", "--out", out, "--data", TinyTraining.EXCERPT);

        assertThat(stopped.exitCode()).isEqualTo(130);
        assertThat(out).doesNotExist();
    }

    private static CliRun train(Object... options) {
        Object[] words = new Object[options.length + 3];
        words[0] = "train-classifier";
        words[1] = "--data";
        words[2] = TinyTraining.EXCERPT;
        System.arraycopy(options, 0, words, 3, options.length);
        return CliRun.of(words);
    }
}
