package dev.mediator.app.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.image.PngFile;
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
import tools.jackson.databind.JsonNode;

/** {@code compare}: pairs of the same seeds, from folders and checkpoints. */
class CompareCommandTest {
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
    void schedulesSideBySide() throws IOException {
        CliRun run = compare(
                model,
                "--schedule",
                "static:16",
                "--schedule",
                "static:4",
                "--schedule",
                "static:16",
                "--points",
                4,
                "--count",
                7,
                "--rows",
                5,
                "--json");
        JsonNode rows = run.json().path("runs");
        assertThat(run.json().path("images").intValue()).isEqualTo(7);
        assertThat(rows).hasSize(2); // the same schedule twice is one run
        assertThat(rows.get(0).path("letter").stringValue()).isEqualTo("A");
        assertThat(rows.get(0).path("name").stringValue()).isEqualTo("static:16");
        assertThat(rows.get(0).path("distance").path("mean").doubleValue()).isZero();
        assertThat(rows.get(1).path("distance").path("mean").doubleValue()).isPositive();
        assertThat(rows.get(1).path("largest").doubleValue())
                .isGreaterThanOrEqualTo(rows.get(1).path("median").doubleValue());
        assertThat(rows.get(1).path("furthest").stringValue()).containsPattern("^(Boot|Bag|T-shirt/top) [0-6]$");
        assertThat(rows.get(1).path("gflops").doubleValue())
                .isLessThan(rows.get(0).path("gflops").doubleValue());
        assertThat(rows.get(1).has("scores")).isFalse();
        Picture sheet = PictureFile.read(out.resolve("comparison.png"));
        assertThat(sheet.height()).isBetween(5 * 100, 5 * 100 + 130);
        assertThat(Files.readString(out.resolve("comparison.md")))
                .contains("7 images; distances are to those of A")
                .contains("| A | `static:16` | ")
                .contains("| 0.00 ± 0.00 |");
        assertThat(run.json().path("files")).hasSize(3);
    }

    @Test
    void filesOfOneNameAreSchedulesOfTheirOwn() throws IOException {
        Path few = Files.createDirectories(folder.resolve("a")).resolve("schedule-0.9.json");
        Path many = Files.createDirectories(folder.resolve("b")).resolve("schedule-0.9.json");
        Files.writeString(few, "{\"schedule\": \"static:4\"}");
        Files.writeString(many, "{\"schedule\": \"static:16\"}");
        JsonNode rows = compare(
                        model,
                        "--schedule",
                        few,
                        "--schedule",
                        many,
                        "--schedule",
                        folder.resolve("b/../b/schedule-0.9.json"),
                        "--points",
                        3,
                        "--count",
                        2,
                        "--json")
                .json()
                .path("runs");
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).path("name").stringValue()).isEqualTo("a/schedule-0.9.json");
        assertThat(rows.get(1).path("name").stringValue()).isEqualTo("b/schedule-0.9.json");
        assertThat(rows.get(1).path("distance").path("mean").doubleValue()).isPositive();
    }

    @Test
    void noTwoRowsHaveOneName() throws IOException {
        Path other = TinyCheckpoint.write(
                Files.createDirectories(folder.resolve("elsewhere")).resolve("tiny.safetensors"));
        JsonNode rows = compare(model, other, model, "--points", 3, "--count", 2, "--json")
                .json()
                .path("runs");
        assertThat(rows).extracting(row -> row.path("name").stringValue()).doesNotHaveDuplicates();
        assertThat(rows.get(1).path("name").stringValue()).isEqualTo("elsewhere/tiny static:16");
        assertThat(rows.get(2).path("name").stringValue()).endsWith("/tiny (2) static:16");
        Path x = sample("x/made", "--seed", 0);
        Path y = sample("y/made", "--seed", 0);
        JsonNode folders = compare(x, y, "--json").json().path("runs");
        assertThat(folders).extracting(row -> row.path("name").stringValue()).containsExactly("x/made", "y/made");
    }

    /** Distances of one grey level everywhere are known. */
    @Test
    void foldersAreComparedWhereTheyHaveTheSameSeeds() throws IOException {
        Path first = sample("first", "--seed", 0);
        Path second = sample("second", "--seed", 2);
        for (Path file : SampledPictures.files(second)) {
            if (file.toString().contains("seed2")) { // the one seed in common, per class
                Picture same = PictureFile.read(first.resolve(file.getFileName()));
                byte[] samples = same.samples();
                for (int i = 0; i < samples.length; i++) {
                    int value = Byte.toUnsignedInt(samples[i]);
                    samples[i] = (byte) (value >= 5 ? value - 5 : value + 5);
                }
                PngFile.write(file, Picture.of(same.width(), same.height(), 1, samples));
            }
        }
        CliRun run = compare(first, second, "--json");
        assertThat(run.json().path("images").intValue()).isEqualTo(3);
        JsonNode row = run.json().path("runs").get(1);
        assertThat(row.path("name").stringValue()).isEqualTo("second");
        assertThat(row.path("distance").path("mean").doubleValue()).isCloseTo(5, within(1e-12));
        assertThat(row.path("distance").path("standardError").doubleValue()).isCloseTo(0, within(1e-12));
        assertThat(row.path("psnr").doubleValue()).isCloseTo(20 * Math.log10(255 / 5.0), within(1e-9));
        assertThat(run.json().path("runs").get(0).has("psnr")).isFalse(); // it is the same pictures
        assertThat(row.path("gflops").doubleValue()).isPositive();
    }

    /** The checkpoint makes what the folder has, and makes the same. */
    @Test
    void aFolderAgainstItsOwnModel() throws IOException {
        Path made = sample("made", "--seed", 5);
        JsonNode answer = compare(made, model, "--points", 4, "--json").json();
        assertThat(answer.path("images").intValue()).isEqualTo(9);
        assertThat(answer.path("runs").get(1).path("name").stringValue()).isEqualTo("static:16");
        assertThat(answer.path("runs").get(1).path("largest").doubleValue()).isLessThan(0.2); // rounding of one level
    }

    @Test
    void scoresStandBesideDistances() {
        JsonNode runs = compare(
                        model,
                        "--schedule",
                        "static:4",
                        "--schedule",
                        "static:16",
                        "--points",
                        3,
                        "--count",
                        12,
                        "--reference",
                        SampledPictures.TRAIN,
                        "--weights",
                        SampledPictures.CLASSIFIER,
                        "--json")
                .json()
                .path("runs");
        for (JsonNode run : runs) {
            assertThat(run.path("scores").path("fd").doubleValue()).isPositive();
            assertThat(run.path("scores").path("samples").intValue()).isEqualTo(12);
        }
    }

    @Test
    void whatCannotBeComparedIsRefused() throws IOException {
        assertRefused(2, "there is one run to compare, expected are two runs or more", model);
        assertRefused(2, "there is nothing to compare");
        assertRefused(2, "--rows is 0, allowed are 1 to 100", model, model, "--rows", 0);
        assertRefused(2, "the network serves [4, 16, full]", model, "--schedule", "static:9", "--schedule", "static:4");
        assertRefused(1, folder.resolve("none") + ": does not exist", folder.resolve("none"), model);
        Path plain = SampledPictures.flat(folder.resolve("plain"), 3);
        assertRefused(1, plain + " has no record.json", plain, model);
        Path first = sample("first", "--seed", 0);
        assertRefused(1, "no picture of the same class and seed in common", first, sample("later", "--seed", 90));
        Path colour = TinyCheckpoint.write(
                folder.resolve("colour.safetensors"),
                TinyCheckpoint.config(3, 3),
                TinyCheckpoint.CLASSES,
                tensors -> {});
        assertRefused(
                1,
                "the pictures of static:16 have 8×8 pixels and 3 channels, those of first 8×8 pixels and 1 channel: they cannot be"
                        + " compared",
                first,
                colour,
                "--points",
                3);
        Files.writeString(
                first.resolve("record.json"), "{\"images\": [{\"file\": \"../x\", \"label\": 1, \"seed\": 1}]}");
        assertRefused(1, "record.json is no record of sample: an image lacks file, label or seed", first, model);
    }

    @Test
    void anInterruptionWritesNothing() {
        Interruption interruption = new Interruption(Duration.ZERO);
        interruption.request();
        CliRun run = CliRun.of(interruption, "compare", model, model, "--schedule", "static:4", "--out", out);
        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.err()).isEqualTo("stopped, nothing is written\nmediator: interrupted\n");
        assertThat(out).doesNotExist();
    }

    private void assertRefused(int exitCode, String message, Object... args) {
        CliRun run = compare(args);
        assertThat(run.err()).contains(message).hasLineCount(1);
        assertThat(run.exitCode()).isEqualTo(exitCode);
        assertThat(out).doesNotExist();
    }

    private Path sample(String name, Object... options) {
        Path samples = folder.resolve(name);
        List<Object> args =
                new ArrayList<>(List.of("sample", "--model", model, "--out", samples, "--count", 3, "--points", 4));
        Collections.addAll(args, options);
        CliRun run = CliRun.of(args.toArray());
        assertThat(run.exitCode()).as(run.err()).isZero();
        return samples;
    }

    private CliRun compare(Object... options) {
        List<Object> args = new ArrayList<>(List.of("compare", "--out", out));
        Collections.addAll(args, options);
        return CliRun.of(args.toArray());
    }
}
