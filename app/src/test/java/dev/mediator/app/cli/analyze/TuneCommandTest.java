package dev.mediator.app.cli.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyAutoencoder;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.image.PictureFile;
import dev.mediator.stepwise.ScheduleFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code tune}: what it writes, that {@code sample} takes it, and what both refuse. */
class TuneCommandTest {
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
    void writesReportPlotAndSchedulesThatSampleTakes() throws IOException {
        CliRun run = tune("--points", 9, "--budgets", "0.94,0.97", "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode report = new JsonMapper().readTree(Files.readString(out.resolve("tune.json")));
        assertThat(report.path("modelSha256").stringValue()).isEqualTo(SampleRecord.sha256(model));
        assertThat(report.path("settings").path("sampler").path("points").intValue())
                .isEqualTo(9);
        assertThat(report.path("images")).hasSize(5);
        assertThat(report.path("calibration").intValue()).isEqualTo(3);
        assertThat(report.path("points")).hasSizeGreaterThan(4).allSatisfy(point -> {
            assertThat(point.path("gflops").doubleValue())
                    .isCloseTo(point.path("gflopsPredicted").doubleValue(), within(1e-9));
            assertThat(point.path("error").path("standardError").isNumber()).isTrue();
            assertThat(point.path("heldOut").path("mean").isNumber()).isTrue();
        });
        assertThat(run.json().path("front")).isEqualTo(report.path("front"));
        assertThat(run.json().path("files")).hasSize(4);
        assertThat(PictureFile.read(out.resolve("tune.png")).width()).isEqualTo(960);

        Path schedule = out.resolve("schedule-0.94.json");
        JsonNode sampled = sample(schedule, "--points", 9).json();
        assertThat(sampled.path("gflops").doubleValue()
                        / sampled.path("gflopsFull").doubleValue())
                .isBetween(0.9, 0.94);
        assertThat(sampled.path("schedule").stringValue())
                .isEqualTo(ScheduleFile.read(schedule).schedule().toString());
        assertThat(sample(schedule, "--points", 12).exitCode())
                .as("fractions go with any number of steps")
                .isZero();
    }

    @Test
    void stepsAndGuidanceIntervalMakeSmallBudgetsPossible() throws IOException {
        CliRun run = tune(
                "--points",
                12,
                "--fewer-points",
                "4,6",
                "--guidance-intervals",
                "0.4:1",
                "--budgets",
                "0.3",
                "--schedules",
                3);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("budget 0.3: ", "| 4 | 0.4–1.0 |");
        Path schedule = out.resolve("schedule-0.3.json");
        ScheduleFile file = ScheduleFile.read(schedule);
        int points = Objects.requireNonNull(file.points());
        assertThat(points).isIn(4, 6);
        CliRun other = sample(schedule, "--points", 12);
        assertThat(other.exitCode()).isEqualTo(2);
        assertThat(other.err())
                .contains("was tuned for " + points + " points, the sampler has 12; add --points " + points);
        List<Double> interval = Objects.requireNonNull(file.guidanceInterval());
        assertThat(sample(schedule, "--points", points, "--guidance-interval", "0.1,0.2")
                        .err())
                .contains("add --guidance-interval " + interval.get(0) + "," + interval.get(1));
        assertThat(sample(schedule, "--points", points, "--guidance-interval", interval.get(0) + "," + interval.get(1))
                        .exitCode())
                .isZero();
    }

    @Test
    void networksOnLatentsNeedTheirAutoencoder() throws IOException {
        TinyCheckpoint.write(model, TinyCheckpoint.config(4, 3), TinyCheckpoint.CLASSES, tensors -> {});
        CliRun refused = tune("--points", 4, "--budgets", "1");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains(model + ": the network works on 4 channels", "--codec DIR");

        Path codec = TinyAutoencoder.write(folder.resolve("codec"), 0);
        CliRun run = tune("--points", 4, "--budgets", "1", "--codec", codec, "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().path("codec").stringValue()).hasSize(64);
        assertThat(out.resolve("schedule-1.0.json")).exists();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--budgets 0.5          | --budgets has 0.5, allowed with this network and these options are 0.%d to 1; --fewer-points and --guidance-intervals make less possible",
                "--budgets 1.2          | --budgets has 1.2, allowed with this network and these options are 0.%d to 1; --fewer-points and --guidance-intervals make less possible",
                "--calibration 0        | --calibration is 0, allowed are 1 to 100000",
                "--held-out -1          | --held-out is -1, allowed are 0 to 100000",
                "--schedules 2000       | --schedules is 2000, allowed are 0 to 1000",
                "--batch 0              | --batch is 0, allowed are 1 to 4096",
                "--fewer-points 5       | --fewer-points is 5, allowed are fewer than the 5 of --points, which the reference has",
                "--fewer-points 8 --sampler sde | --fewer-points is 8, but runs of an SDE with other numbers of points get other noise and cannot be compared",
                "--guidance-intervals 0.2,1 | --guidance-intervals has '0.2', expected are two numbers such as 0.2:1",
                "--solver dopri5        | the sampler is 'ODE dopri5, rtol 0.001, atol 1.0E-6, error norm per-sample', allowed here are solvers of fixed steps, whose runs can be compared step by step",
                "--weights best         | --weights is 'best', allowed are ema and model",
            })
    void badSettingsAreOneLineAndExitCode2(String options, String message) {
        CliRun run = tune((Object[]) options.split(" "));

        assertThat(run.err())
                .matches("mediator: " + java.util.regex.Pattern.quote(message).replace("%d", "\\E\\d+\\Q") + "\n");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    @Test
    void anInterruptionBeforeTheFirstMeasurementWritesNothing() {
        Interruption interruption = new Interruption(Duration.ZERO);
        interruption.request();
        CliRun run = CliRun.of(interruption, "tune", "--model", model, "--out", out);

        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.err())
                .isEqualTo("stopped before a schedule was measured, nothing is written\nmediator: interrupted\n");
        assertThat(out).doesNotExist();
    }

    @Test
    void aFileInPlaceOfTheFolderIsNamed() throws IOException {
        Files.writeString(out, "a file");
        CliRun run = tune();

        assertThat(run.err()).isEqualTo("mediator: " + out + " is a file, --out names a folder\n");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    private CliRun tune(Object... options) {
        List<Object> args = new ArrayList<>(
                List.of("tune", "--model", model, "--out", out, "--calibration", 3, "--held-out", 2, "--schedules", 2));
        if (List.of(options).contains("--calibration")
                || List.of(options).contains("--held-out")
                || List.of(options).contains("--schedules")) {
            args = new ArrayList<>(args.subList(0, 5));
        }
        Collections.addAll(args, options);
        return CliRun.of(args.toArray());
    }

    private CliRun sample(Path schedule, Object... options) {
        List<Object> args = new ArrayList<>(List.of(
                "sample",
                "--json",
                "--model",
                model,
                "--count",
                1,
                "--schedule",
                schedule,
                "--out",
                folder.resolve("pictures" + options[1] + options.length)));
        Collections.addAll(args, options);
        return CliRun.of(args.toArray());
    }
}
