package dev.mediator.app.cli.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyAutoencoder;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** {@code analyze attention}: what it draws, and what it refuses. */
class AnalyzeAttentionCommandTest {
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
    void withoutOptionsItDrawsEveryLayerAndItsMediators() throws IOException {
        CliRun run = analyze();

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .startsWith("Boot, seed 0, tiny.safetensors, 16 mediators, step 2, t = 0.500\n")
                .hasLineCount(1 + 3);
        assertThat(names(out)).containsExactly("attention.json", "layer-00-mediators.png", "layer-00.png");
        JsonNode report = new JsonMapper().readTree(Files.readString(out.resolve("attention.json")));
        assertThat(report.path("modelSha256").stringValue()).isEqualTo(SampleRecord.sha256(model));
        assertThat(report.path("step").intValue()).isEqualTo(2);
        assertThat(report.path("queries")).hasSize(3 * 2).allSatisfy(query -> {
            assertThat(query.path("spread").doubleValue()).isBetween(1.0, 16.0);
            assertThat(query.path("peakWeight").doubleValue()).isBetween(1 / 16.0, 1.0);
            assertThat(query.path("peak").stringValue()).matches("[0-3]:[0-3]");
        });
    }

    @Test
    void optionsChooseWhatIsDrawn() {
        CliRun run = analyze(
                "--class",
                "bag",
                "--seed",
                7,
                "--step",
                2,
                "--points",
                5,
                "--layers",
                "0",
                "--heads",
                "1,0",
                "--queries",
                "3:0,0:1",
                "--mediators",
                "full",
                "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode answer = run.json();
        assertThat(answer.path("samples").toString()).isEqualTo("[{\"label\":1,\"className\":\"Bag\",\"seed\":7}]");
        assertThat(answer.path("t").doubleValue()).isEqualTo(0.5, within(1e-12));
        assertThat(answer.path("files")).hasSize(2);
        assertThat(answer.path("queries")
                        .valueStream()
                        .map(q -> q.path("query").stringValue() + "/"
                                + q.path("head").intValue()))
                .containsExactly("3:0/1", "3:0/0", "0:1/1", "0:1/0");
    }

    @Test
    void theSheetGrowsWithHeadsAndQueries() throws IOException {
        analyze("--points", 3, "--heads", "0", "--queries", "0:0");
        Picture small = PictureFile.read(out.resolve("layer-00.png"));
        analyze("--points", 3, "--queries", "0:0,1:1");
        Picture large = PictureFile.read(out.resolve("layer-00.png"));

        assertThat(large.height() - small.height()).isEqualTo(112 + 4); // a row more: cell and gap
        assertThat(large.width()).isGreaterThanOrEqualTo(small.width());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--step 2 --t 0.5  | --step is 2 and --t is 0.5, allowed is one of them",
                "--step 4          | step is 4, the sampler has 0 to 3",
                "--step -1         | step is -1, the sampler has 0 to 3",
                "--t 1.5           | t is 1.5, allowed are 0 to 1",
                "--layers 1        | --layers is '1', allowed are 0 to 0 with commas between, and all",
                "--heads 0,x       | --heads is '0,x', allowed are 0 to 1 with commas between, and all",
                "--queries 5       | --queries is '5', expected are tokens as row:column, such as 8:8,3:12",
                "--queries 1:a     | --queries is '1:a', expected are tokens as row:column, such as 8:8,3:12",
                "--queries 1:1,4:0 | query 4:0 is not in the grid of 4×4 tokens, allowed are 0:0 to 3:3",
                "--class Boots     | --class is 'Boots', allowed are 0 to 2, and Boot, Bag, T-shirt/top",
                "--class Boot,Bag  | --class is 'Boot,Bag', allowed are 0 to 2, and Boot, Bag, T-shirt/top",
                "--solver dopri5   | the sampler is 'ODE dopri5, rtol 0.001, atol 1.0E-6, error norm per-sample', attention is studied with solvers of fixed steps only",
            })
    void badSettingsAreOneLineAndExitCode2(String options, String message) {
        CliRun run = analyze((Object[]) options.split(" "));

        assertThat(run.err()).isEqualTo("mediator: " + message + "\n");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    @Test
    void networksThatMakeNoPicturesAreRefused() throws IOException {
        TinyCheckpoint.write(model, TinyCheckpoint.config(4, 3), List.of(), tensors -> {});
        CliRun run = analyze();

        assertThat(run.err())
                .isEqualTo("mediator: " + model
                        + ": the network works on 4 channels, which the pixel codec turns into 4; a picture has 1 (grey)"
                        + " or 3 (colour), and latents need the autoencoder that they belong to (--codec DIR)\n");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void latentsAreDrawnAsTheAutoencoderDecodesThem() throws IOException {
        TinyCheckpoint.write(model, TinyCheckpoint.config(4, 3), List.of(), tensors -> {});
        JsonNode one = drawn(0);
        Picture first = PictureFile.read(out.resolve("layer-00.png"));
        JsonNode other = drawn(1);
        Picture second = PictureFile.read(out.resolve("layer-00.png"));

        assertThat(one.path("codec").stringValue()).hasSize(64);
        assertThat(other.path("codec")).isNotEqualTo(one.path("codec"));
        assertThat(other.path("queries")).as("attention knows no codec").isEqualTo(one.path("queries"));
        assertThat(first.width()).isEqualTo(second.width());
        assertThat(second).as("but the pictures beside it are its work").isNotEqualTo(first);
    }

    private JsonNode drawn(long seed) throws IOException {
        Path codec = TinyAutoencoder.write(folder.resolve("codec"), seed);
        CliRun run = analyze("--points", 3, "--codec", codec, "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.json();
    }

    private CliRun analyze(Object... options) {
        List<Object> args = new ArrayList<>(List.of("analyze", "attention", "--model", model, "--out", out));
        Collections.addAll(args, options);
        return CliRun.of(args.toArray());
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
