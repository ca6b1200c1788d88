package dev.mediator.app.cli.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.image.PictureFile;
import dev.mediator.model.SitConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code analyze redundancy}: what it writes and prints, and what it refuses. */
class AnalyzeRedundancyCommandTest {
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
    void writesTableReportAndPlots() throws IOException {
        CliRun run = analyze("--samples", 4, "--points", 7, "--every", 2, "--seed", 3, "--mediators", "4");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains(
                        "tiny.safetensors, 4 mediators, ODE midpoint, 7 points, guidance 2.5 in [0.2, 0.9], 4 samples")
                .contains("layer  0   t 0.000: ", "mean       t 0.000: ", "exact: all pairs of 16 rows")
                .contains(out.resolve("redundancy.csv").toString());
        List<String> table = Files.readAllLines(out.resolve("redundancy.csv"));
        assertThat(table).hasSize(1 + 3);
        assertThat(table.get(0)).isEqualTo("layer,step,t,score,normalised,standard_error,pair_standard_error");
        assertThat(table.get(2)).startsWith("0,2,0.3333333333333333,0.");
        JsonNode report = new JsonMapper().readTree(Files.readString(out.resolve("redundancy.json")));
        assertThat(report.path("modelSha256").stringValue()).isEqualTo(SampleRecord.sha256(model));
        assertThat(report.path("settings").path("schedule").path("mediators").intValue())
                .isEqualTo(4);
        assertThat(report.path("guidedHalf").stringValue()).isEqualTo("conditional");
        assertThat(report.path("samples")).hasSize(4);
        assertThat(report.path("samples").get(3).toString())
                .isEqualTo("{\"label\":0,\"className\":\"Boot\",\"seed\":6}");
        JsonNode point = report.path("points").get(1);
        assertThat(table.get(2))
                .contains(
                        point.path("score").toString(),
                        point.path("standardError").toString());
        for (String picture : List.of("redundancy.png", "redundancy-map.png")) {
            assertThat(PictureFile.read(out.resolve(picture)).width()).isEqualTo(960);
        }
        assertThat(names(out)).hasSize(4);
    }

    @Test
    void jsonIsTheReportAndTheFiles() throws IOException {
        CliRun run = analyze("--samples", 1, "--points", 3, "--classes", "Bag", "--mediators", "full", "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode answer = run.json();
        assertThat(answer.path("files")).hasSize(4).allSatisfy(file -> assertThat(Path.of(file.stringValue()))
                .exists());
        assertThat(answer.path("seconds").doubleValue()).isPositive();
        assertThat(answer.path("every").intValue()).isEqualTo(1);
        assertThat(answer.path("tokens").intValue()).isEqualTo(16);
        assertThat(answer.path("pairs").isNull()).as("all pairs").isTrue();
        JsonNode point = answer.path("points").get(0);
        assertThat(point.path("score").doubleValue()).isBetween(1e-6, Math.log(2));
        assertThat(point.path("normalised").doubleValue())
                .isEqualTo(point.path("score").doubleValue() / Math.log(2), within(1e-12));
        assertThat(point.path("standardError").isNull())
                .as("of a single sample")
                .isTrue();
    }

    @Test
    void theSameCommandMeasuresTheSame() throws IOException {
        analyze("--samples", 2, "--points", 4);
        String first = Files.readString(out.resolve("redundancy.csv"));
        analyze("--samples", 2, "--points", 4);
        assertThat(Files.readString(out.resolve("redundancy.csv"))).isEqualTo(first);
        analyze("--samples", 2, "--points", 4, "--seed", 1);
        assertThat(Files.readString(out.resolve("redundancy.csv"))).isNotEqualTo(first);
    }

    @Test
    void manyTokensAreComparedInPairs() throws IOException {
        SitConfig tiny = TinyCheckpoint.config(4, 2); // four channels: no picture, but attention
        SitConfig large = tiny.withInputSize(34);
        TinyCheckpoint.write(model, large, List.of(), tensors -> {});
        CliRun run = analyze("--samples", 2, "--points", 3, "--pairs", 40, "--sampler", "sde");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("estimated from 40 pairs of rows per map");
        JsonNode report = new JsonMapper().readTree(Files.readString(out.resolve("redundancy.json")));
        assertThat(report.path("pairs").intValue()).isEqualTo(40);
        assertThat(report.path("points")).hasSize(3).allSatisfy(p -> assertThat(
                        p.path("pairStandardError").doubleValue())
                .isPositive());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--samples 0          | --samples is 0, allowed are 1 to 100000",
                "--every 0            | --every is 0, allowed are 1 to 4, the number of steps",
                "--every 5            | --every is 5, allowed are 1 to 4, the number of steps",
                "--pairs 10           | --pairs is 10, but the network has 16 tokens: up to 256 all pairs are compared",
                "--classes Boots      | --classes has 'Boots', allowed are 0 to 2, all, and Boot, Bag, T-shirt/top",
                "--mediators 9        | --mediators is '9', the model serves [4, 16, full]",
                "--solver dopri5      | the sampler is 'ODE dopri5, rtol 0.001, atol 1.0E-6, error norm per-sample', attention is studied with solvers of fixed steps only",
                "--weights best       | --weights is 'best', allowed are ema and model",
                "--seed 9223372036854775807 | --seed is 9223372036854775807 with --samples 8, allowed is at most 9223372036854775800",
                "--guidance-channels 2 | guidance channels is 2, the network has 1",
            })
    void badSettingsAreOneLineAndExitCode2(String options, String message) {
        CliRun run = analyze((Object[]) options.split(" "));

        assertThat(run.err()).isEqualTo("mediator: " + message + "\n");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    @Test
    void pairsOfLargeNetworksAreCheckedToo() throws IOException {
        TinyCheckpoint.write(model, TinyCheckpoint.config(1, 2).withInputSize(34), List.of(), tensors -> {});

        assertThat(analyze("--pairs", 1).err()).isEqualTo("mediator: pairs is 1, allowed are 2 to 100000000\n");
    }

    @Test
    void filesThatCannotBeUsedAreNamed() throws IOException {
        Files.writeString(out, "a file");
        CliRun blocked = analyze("--samples", 1, "--points", 3);
        assertThat(blocked.err()).isEqualTo("mediator: " + out + " is a file, --out names a folder\n");
        assertThat(blocked.exitCode()).isEqualTo(1);

        Path below = out.resolve("below");
        CliRun deeper = CliRun.of("analyze", "redundancy", "--model", model, "--out", below);
        assertThat(deeper.err())
                .isEqualTo("mediator: " + below + " cannot be written: " + out.toAbsolutePath()
                        + " is not a folder that can be written\n");
        assertThat(deeper.exitCode()).isEqualTo(1);

        CliRun missing = CliRun.of("analyze", "redundancy", "--model", folder.resolve("none"));
        assertThat(missing.err()).contains("none").hasLineCount(1);
        assertThat(missing.exitCode()).isEqualTo(1);
    }

    /** Whatever was written before stays as it was. */
    @Test
    void anInterruptionWritesNothing() throws IOException {
        Interruption interruption = new Interruption(Duration.ZERO);
        interruption.request();
        CliRun run = CliRun.of(interruption, "analyze", "redundancy", "--model", model, "--out", out);

        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.err()).isEqualTo("stopped, nothing is written\nmediator: interrupted\n");
        assertThat(out).doesNotExist();
    }

    private CliRun analyze(Object... options) {
        List<Object> args = new ArrayList<>(List.of("analyze", "redundancy", "--model", model, "--out", out));
        Collections.addAll(args, options);
        return CliRun.of(args.toArray());
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
