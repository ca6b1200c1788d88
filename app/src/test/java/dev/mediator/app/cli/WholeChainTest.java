package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.image.PictureFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Train, look into the files, sample from them. */
class WholeChainTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsTrainedCanBeInspectedAndSampled() throws Exception {
        Path config = TinyTraining.writeConfig(folder.resolve("tiny.json"));
        Path run = folder.resolve("run");
        Path model = run.resolve("model.safetensors");
        Path checkpoint = run.resolve("checkpoints/step-00000030.safetensors");

        CliRun trained = CliRun.of("train", config, "--run", run, "--set", "steps=30", "--json", "--threads", 1);
        assertThat(trained.json().path("step").longValue()).isEqualTo(30);

        JsonNode info = CliRun.of("info", model, "--json").json();
        assertThat(info.path("config").path("mediators").toString()).isEqualTo("[4,\"full\"]");
        assertThat(info.path("metadata").path("classNames").stringValue()).contains("Ankle boot");
        assertThat(info.path("parameters").longValue()).isPositive();
        assertThat(CliRun.of("info", checkpoint, "--json")
                        .json()
                        .path("metadata")
                        .path("step")
                        .stringValue())
                .isEqualTo("30");

        Path fromModel = sample(model, "ema");
        Path fromAverage = sample(checkpoint, "ema");
        Path fromWeights = sample(checkpoint, "model");
        String picture = "07-sneaker-seed0.png";
        assertThat(PictureFile.read(fromModel.resolve(picture)).width()).isEqualTo(8);
        assertThat(fromAverage.resolve(picture)).hasSameBinaryContentAs(fromModel.resolve(picture));
        assertThat(Files.readAllBytes(fromWeights.resolve(picture)))
                .isNotEqualTo(Files.readAllBytes(fromModel.resolve(picture)));
    }

    private Path sample(Path model, String weights) {
        Path out = folder.resolve(model.getFileName() + "-" + weights);
        for (String mediators : List.of("4", "full")) {
            CliRun run = CliRun.of(
                    "sample",
                    "--threads",
                    1,
                    "--model",
                    model,
                    "--weights",
                    weights,
                    "--mediators",
                    mediators,
                    "--count",
                    1,
                    "--points",
                    6,
                    "--out",
                    mediators.equals("4") ? out : out + "-full");
            assertThat(run.exitCode()).as(run.err()).isZero();
        }
        return out;
    }
}
