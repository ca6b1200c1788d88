package dev.mediator.app.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.app.cli.TinyTraining;
import dev.mediator.app.cli.console.InterruptionWhen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code experiment}: one command from nothing to the table, with the classifier that ships. */
class ExperimentCommandTest {
    @TempDir
    private Path folder;

    private Path config;
    private Path out;

    @BeforeEach
    void writeConfig() throws IOException {
        config = Files.writeString(folder.resolve("tiny.json"), """
                {
                  "title": "Tiny",
                  "train": {
                    "steps": 3, "batchSize": 8, "dtype": "F32", "optimizer": {"learningRate": 0.02},
                    "model": {"depth": 1, "width": 16, "heads": 2}, "data": {"imageSize": 8, "path": "%s"}
                  },
                  "runs": [
                    {"name": "softmax", "train": {"model": {"mediators": ["full"]}}, "schedules": ["static:full"]},
                    {"name": "elastic", "train": {"model": {"mediators": [4, "full"]}}, "schedules": ["fixed:4@0.5,full"]}
                  ],
                  "scoring": {
                    "samples": 20, "seeds": [1, 2], "dtype": "F32", "sampler": {"points": 3},
                    "weights": "../models/fashion-classifier.safetensors"
                  }
                }
                """.formatted(TinyTraining.EXCERPT));
        out = folder.resolve("out");
    }

    @Test
    void trainsScoresAndShowsTheTable() throws IOException {
        CliRun done = CliRun.of("experiment", config, "--out", out);

        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.out())
                .contains(
                        "| 1 | softmax | `static:full` | ",
                        "| 2 | elastic | `fixed:4@0.5,full` | ",
                        "FD-fashion",
                        out.resolve("results.md").toString())
                .contains(Files.readAllLines(out.resolve("results.md")).subList(2, 6));
        assertThat(done.err()).contains("wrote " + out.resolve("runs/softmax/model.safetensors"));

        JsonNode again = CliRun.of("experiment", config, "--out", out, "--json").json();

        assertThat(again.path("folder").stringValue()).isEqualTo(out.toString());
        assertThat(again.path("distance").stringValue()).isEqualTo("FD-fashion");
        assertThat(again.path("rows")).hasSize(2);
        assertThat(again.path("scores")).hasSize(4);
        assertThat(again.path("scores").get(0).propertyNames())
                .contains("fd", "is", "isStd", "precision", "recall", "kid", "kidStd", "classAgreement");
        assertThat(again.path("files")).hasSize(4).allSatisfy(file -> assertThat(Path.of(file.stringValue()))
                .isRegularFile());
    }

    /** A network that is finished must not be compared with one that is trained on something else. */
    @Test
    void changedDataAreNoticedForFinishedNetworksToo() throws IOException {
        Path pictures = folder.resolve("pictures");
        SampledPictures.byClass(pictures.resolve("train"), 24);
        String classes = "\"type\": \"folder\", \"path\": \"" + pictures + "\"";
        String text = Files.readString(config)
                .replace("\"path\": \"" + TinyTraining.EXCERPT + "\"", classes)
                .replace("\"seeds\": [1, 2]", "\"seeds\": [1]");
        Files.writeString(config, text);
        Files.writeString(config, text.replaceFirst(",\\s*\\{\"name\": \"elastic\".*", ""));
        CliRun one = CliRun.of("experiment", config, "--out", out);
        assertThat(one.exitCode()).as(one.err()).isZero();
        Files.writeString(config, text);
        try (Stream<Path> all = Files.walk(pictures)) {
            List<Path> files = all.filter(Files::isRegularFile).sorted().toList();
            Files.copy(files.get(0), files.get(0).resolveSibling("added.png"));
        }

        CliRun refused = CliRun.of("experiment", config, "--out", out);

        assertThat(refused.err())
                .contains("the data have changed since " + out.resolve("runs/softmax")
                        + " was trained on them: 1 file added")
                .contains("give the same command with --accept-changed-data");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(out.resolve("runs/elastic")).doesNotExist();
        CliRun accepted = CliRun.of("experiment", config, "--out", out, "--accept-changed-data");
        assertThat(accepted.err()).contains("the data have changed since");
        assertThat(accepted.exitCode()).as(accepted.err()).isZero();
        assertThat(CliRun.of("experiment", config, "--out", out).err()).doesNotContain("the data have changed");
    }

    @Test
    void interruptedItSaysThatTheSameCommandGoesOn() throws Exception {
        Files.writeString(config, Files.readString(config).replace("\"steps\": 3", "\"steps\": 100000"));
        CliRun interrupted = CliRun.of(
                new InterruptionWhen(() -> Files.exists(out.resolve("runs/softmax/log.jsonl"))),
                "experiment",
                config,
                "--out",
                out);

        assertThat(interrupted.exitCode()).isEqualTo(130);
        assertThat(interrupted.err()).contains("stopped; the same command goes on\n");
        assertThat(out.resolve("runs/softmax/checkpoints")).isNotEmptyDirectory();
    }

    @Test
    void whatCannotBeDoneIsToldInOneLine() throws IOException {
        CliRun dtype = CliRun.of("experiment", config, "--dtype", "fp32");
        assertThat(dtype.exitCode()).isEqualTo(2);
        assertThat(dtype.err()).contains("--dtype does not go with experiment");

        CliRun missing = CliRun.of("experiment", folder.resolve("none.json"));
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).contains("none.json does not exist");

        Files.writeString(
                config,
                Files.readString(config)
                        .replace(
                                "\"weights\": \"../models/fashion-classifier.safetensors\"",
                                "\"extractor\": \"inception\""));
        CliRun weights = CliRun.of("experiment", config, "--out", out);
        assertThat(weights.exitCode()).isEqualTo(2);
        assertThat(weights.err()).contains("scoring.extractor is inception", "scoring.weights");
        assertThat(out).doesNotExist();
    }
}
