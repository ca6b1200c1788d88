package dev.mediator.app.cli.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyAutoencoder;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code analyze schedules}: what it writes and prints, and what it refuses. */
class AnalyzeSchedulesCommandTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path out;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        out = folder.resolve("out");
    }

    @Test
    void measuresStaticSchedulesAndThoseAskedFor() throws IOException {
        Path file = folder.resolve("mine.json");
        Files.writeString(file, "{\"schedule\": \"fixed:4@0.5,16\"}");
        CliRun run = analyze(
                "--points",
                9,
                "--count",
                3,
                "--schedule",
                "threshold:4,16,full@0.95,0.75;denoised",
                "--schedule",
                "budget:0.95",
                "--schedule",
                file,
                "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode rows = run.json().path("rows");
        assertThat(rows).hasSize(6);
        assertThat(rows.valueStream().map(row -> row.path("schedule").stringValue()))
                .containsExactly(
                        "static:4",
                        "static:full", // of few tokens: costs less than 16 mediators
                        "static:16",
                        "threshold:4,16,full@0.95,0.75;denoised",
                        "budget:0.95",
                        "mine.json");
        assertThat(rows.get(2).path("errors").path("static:16").path("mean").doubleValue())
                .isZero();
        assertThat(rows.get(1).path("errors").path("static:16").path("mean").doubleValue())
                .isPositive();
        assertThat(rows.get(4).path("share").doubleValue()).isCloseTo(0.95, within(0.02));
        JsonNode switched = rows.get(5).path("switchSteps").get(0);
        assertThat(switched.path("mean").doubleValue()).isEqualTo(3.0);
        assertThat(switched.path("deviation").doubleValue()).isZero();
        assertThat(Files.readString(out.resolve("schedules.md")))
                .contains("tiny.safetensors, ODE midpoint, 9 points, guidance 2.5 in [0.2, 0.9], 3 images")
                .contains("| 6 | `mine.json` | ")
                .contains("| 3.0 ± 0.0 |");
        assertThat(PictureFile.read(out.resolve("schedules.png")).width()).isEqualTo(960);
        assertThat(run.json().path("files")).hasSize(3);
    }

    @Test
    void networksOnLatentsNeedTheirAutoencoder() throws IOException {
        TinyCheckpoint.write(model, TinyCheckpoint.config(4, 3), TinyCheckpoint.CLASSES, tensors -> {});
        CliRun refused = analyze("--points", 3, "--count", 1);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains(model + ": the network works on 4 channels", "--codec DIR");
        assertThat(out).doesNotExist();

        Path codec = TinyAutoencoder.write(folder.resolve("codec"), 0);
        CliRun run = analyze("--points", 3, "--count", 1, "--codec", codec, "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().path("codec").stringValue()).hasSize(64);
        assertThat(run.json().path("rows")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--count 0               | --count is 0, allowed are 1 to 100000",
                "--schedule static:9     | the schedule has the mediator count 9, the network serves [4, 16, full]",
                "--schedule often        | the schedule is 'often', allowed are static:N, fixed:N@F,…,N, threshold:N,…,N@R,…;DISTANCE and budget:B, such as threshold:4,16,64@0.8,0.6;mae",
                "--solver dopri5         | the sampler is 'ODE dopri5, rtol 0.001, atol 1.0E-6, error norm per-sample', allowed here are solvers of fixed steps, whose runs can be compared step by step",
                "--classes Boots         | --classes has 'Boots', allowed are 0 to 2, all, and Boot, Bag, T-shirt/top",
            })
    void badSettingsAreOneLineAndExitCode2(String options, String message) {
        CliRun run = analyze((Object[]) options.split(" "));

        assertThat(run.err()).isEqualTo("mediator: " + message + "\n");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    @Test
    void anInterruptionWritesNothing() {
        Interruption interruption = new Interruption(Duration.ZERO);
        interruption.request();
        CliRun run = CliRun.of(interruption, "analyze", "schedules", "--model", model, "--out", out);

        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.err()).isEqualTo("stopped, nothing is written\nmediator: interrupted\n");
        assertThat(out).doesNotExist();
    }

    private CliRun analyze(Object... options) {
        List<Object> args = new ArrayList<>(List.of("analyze", "schedules", "--model", model, "--out", out));
        Collections.addAll(args, options);
        return CliRun.of(args.toArray());
    }
}
