package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.console.InterruptionWhen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Signals to processes that have only begun to read their images. Each says what is left, exits as the signal asks, and
 * leaves folders in which the same work succeeds.
 */
@EnabledOnOs(OS.LINUX)
class EarlyStopTest {
    private static final int IMAGES = 20_000;
    private static final int PER_CLASS = 5_000;

    /** Many names of a few files: quickly made, and long to look through. */
    private static Path many;

    private static Path few;

    @TempDir
    private Path folder;

    @BeforeAll
    static void writeImages(@TempDir Path all) throws IOException {
        few = SampledPictures.byClass(all.resolve("few"), 20);
        List<Path> files = SampledPictures.files(SampledPictures.flat(all.resolve("flat"), 10));
        many = all.toRealPath().resolve("many");
        for (int i = 0; i < IMAGES; i++) {
            Path image = many.resolve("class" + i / PER_CLASS).resolve("%05d.png".formatted(i));
            Files.createDirectories(image.getParent());
            Files.createLink(image, files.get(i % files.size()));
        }
    }

    @BeforeEach
    void writeConfigs() throws IOException {
        TinyTraining.writeConfig(folder.resolve("tiny.json"));
        TinyAutoencoder.write(folder.resolve("codec"), 1);
        Files.writeString(folder.resolve("experiment.json"), """
                {
                  "title": "Tiny",
                  "train": {
                    "steps": 1000000, "batchSize": 8, "dtype": "F32",
                    "model": {"depth": 1, "width": 16, "heads": 2}, "data": {"imageSize": 8, "type": "folder", "split": "all", "path": "%s"}
                  },
                  "runs": [{"name": "one", "schedules": ["static:16"]}],
                  "scoring": {"samples": 20, "sampler": {"points": 3}, "weights": "%s"}
                }
                """.formatted(many, SampledPictures.CLASSIFIER));
    }

    @ParameterizedTest
    @CsvSource({
        "train, TERM, 143",
        "train, INT, 130",
        "encode, TERM, 143",
        "make-reference, INT, 130",
        "evaluate, TERM, 143",
        "experiment, INT, 130"
    })
    void itSaysWhatIsLeftAndTheSameWorkSucceeds(String command, String signal, int exitCode) throws Exception {
        Path out = folder.resolve("out");
        if (command.equals("evaluate")) {
            done("make-reference " + SampledPictures.TEST + " --out " + folder.resolve("reference.safetensors")
                    + " --weights " + SampledPictures.CLASSIFIER);
        }
        ProcessRun stopped;
        try (ProcessRun.Running running =
                ProcessRun.start(folder, (Object[]) line(command, many, out).split(" "))) {
            running.await(() -> running.reads(many));
            running.signal(signal);
            stopped = running.end();
        }
        assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(exitCode);
        assertThat(stopped.err()).matches("(?s).*stopped[^\n]*\nmediator: interrupted\n");

        goOn(command, out, stopped.err());
    }

    private String line(String command, Path images, Path out) {
        String classifier = " --weights " + SampledPictures.CLASSIFIER;
        String data = " --set data.type=folder --set data.split=all --set data.path=" + images;
        return switch (command) {
            case "train" ->
                "train " + folder.resolve("tiny.json") + " --run " + out + data
                        + " --set steps=1000000 --set checkpointEvery=1000000";
            case "encode" ->
                "encode " + folder.resolve("tiny.json") + " --out " + out + data + " --set data.channels=3 --set codec="
                        + folder.resolve("codec");
            case "make-reference" -> "make-reference " + images + " --out " + out.resolve("r.safetensors") + classifier;
            case "evaluate" ->
                "evaluate --samples " + images + " --out " + out + classifier + " --reference "
                        + folder.resolve("reference.safetensors");
            default -> "experiment " + folder.resolve("experiment.json") + " --out " + out;
        };
    }

    private void goOn(String command, Path out, String said) {
        switch (command) {
            case "train" -> {
                String step = said.matches("(?s).*stopped at step \\d+.*")
                        ? said.replaceAll("(?s).*stopped at step (\\d+).*", "$1")
                        : "0";
                String steps = " --set steps=" + (Long.parseLong(step) + 2);
                done(
                        Files.exists(out.resolve("config.json"))
                                ? "train --run " + out + " --resume" + steps
                                : line(command, many, out) + steps);
                assertThat(out.resolve("model.safetensors")).isRegularFile();
            }
            case "experiment" -> {
                CliRun again = CliRun.of(
                        new InterruptionWhen(() -> Files.exists(out.resolve("runs/one/log.jsonl"))),
                        (Object[]) line(command, many, out).split(" "));
                assertThat(again.exitCode()).as(again.err()).isEqualTo(130);
                assertThat(out.resolve("runs/one/checkpoints")).isNotEmptyDirectory();
            }
            default -> {
                done(line(command, few, out));
                assertThat(out).isNotEmptyDirectory();
            }
        }
    }

    private static void done(String line) {
        CliRun run = CliRun.of((Object[]) line.split(" "));
        assertThat(run.exitCode()).as(run.err()).isZero();
    }
}
