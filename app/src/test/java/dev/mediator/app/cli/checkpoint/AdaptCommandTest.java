package dev.mediator.app.cli.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.TinyTraining;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What becomes of the weights is tested with the library; here, what the command makes of its options. */
class AdaptCommandTest {
    @TempDir
    private Path folder;

    @Test
    void everythingThatCanBeAdaptedHasAnOption() throws IOException {
        Path in = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("large.safetensors");

        CliRun run = CliRun.of(
                "adapt",
                "--json",
                in,
                out,
                "--input-size",
                16,
                "--mediators",
                "16,64",
                "--classes",
                2,
                "--dtype",
                "bf16");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode answer = run.json();
        assertThat(answer.path("from").path("inputSize").intValue()).isEqualTo(8);
        assertThat(answer.path("to").path("inputSize").intValue()).isEqualTo(16);
        assertThat(answer.path("to").path("mediators").toString()).isEqualTo("[16,64]");
        assertThat(answer.path("changes").values().stream().map(JsonNode::stringValue))
                .containsExactly(
                        "grid of 4×4 tokens → 8×8: positions computed anew, row and column biases interpolated",
                        "64 mediators: biases interpolated from those of 16",
                        "4 mediators: no longer served",
                        "full attention: no longer served",
                        "classes: the first 2 of 3 kept");
        JsonNode info = CliRun.of("info", "--json", out).json();
        assertThat(info.path("config")).isEqualTo(answer.path("to"));
        assertThat(info.path("metadata").path("classNames").stringValue()).isEqualTo("[\"Boot\",\"Bag\"]");
        assertThat(info.path("metadata").path("provenance").stringValue())
                .contains("\"madeBy\":\"Mediator adapt\"", "\"file\":\"tiny.safetensors\"", "4 mediators");
        assertThat(info.path("tensors").path(0).path("dtype").stringValue()).isEqualTo("BF16");
    }

    @Test
    void withoutOptionsNothingChanges() throws IOException {
        Path in = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("same.safetensors");

        assertThat(CliRun.of("adapt", in, out).out()).contains("nothing changes");
        assertThat(CliRun.of("convert", "--json", out, folder.resolve("again.safetensors"))
                        .json()
                        .path("relativeErrors")
                        .toString())
                .isEqualTo("{\"4\":0.0,\"16\":0.0,\"full\":0.0}");
    }

    @Test
    void forgottenClassesHaveNoNames() throws IOException {
        Path in = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("others.safetensors");

        assertThat(CliRun.of("adapt", in, out, "--forget-classes", "--classes", 7)
                        .out())
                .contains("7 classes: all begin as the null label");
        assertThat(CliRun.of("info", "--json", out)
                        .json()
                        .path("metadata")
                        .path("classNames")
                        .stringValue())
                .isEqualTo("[]");
    }

    @Test
    void blocksAreChosen() throws IOException {
        List<MediatorCount> softmax = List.of(MediatorCount.FULL);
        SitConfig config = new SitConfig(8, 2, 1, 16, 3, 2, 4, 3, false, softmax, null);
        Path in = TinyCheckpoint.write(folder.resolve("in.safetensors"), config, TinyCheckpoint.CLASSES, t -> {});
        Path out = folder.resolve("out.safetensors");
        Path all = folder.resolve("all.safetensors");

        assertThat(CliRun.of("adapt", in, out, "--mediators", 4, "--mediator-blocks", "0,1")
                        .out())
                .contains("blocks 0, 1: mediators instead of softmax");
        assertThat(CliRun.of("adapt", out, all, "--mediator-blocks", "all").out())
                .contains("blocks 2: mediators instead of softmax");
        assertThat(CliRun.of("adapt", in, out, "--mediator-blocks", "1-2").err())
                .contains("--mediator-blocks is '1-2', allowed are numbers with commas between, and all");
        assertThat(CliRun.of("adapt", in, out, "--mediators", 4, "--input-size", 9)
                        .exitCode())
                .isEqualTo(2);
    }

    /** A softmax network of one training is the start of another one, with mediators. */
    @Test
    void trainingTakesTheResult() throws IOException {
        Path config = TinyTraining.writeConfig(folder.resolve("tiny.json"));
        Path softmax = folder.resolve("softmax");
        CliRun.of("train", config, "--run", softmax, "--set", "steps=2", "--set", "model.mediators=[\"full\"]");
        Path out = folder.resolve("warm.safetensors");
        assertThat(CliRun.of("adapt", softmax.resolve("model.safetensors"), out, "--mediators", "4,full")
                        .exitCode())
                .isZero();

        CliRun run = CliRun.of(
                "train", config, "--run", folder.resolve("warm"), "--set", "steps=2", "--set", "initFrom=" + out);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).as("nothing is left to adapt").doesNotContain("initFrom");
    }
}
