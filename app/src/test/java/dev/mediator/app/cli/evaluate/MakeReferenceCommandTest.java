package dev.mediator.app.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.checkpoint.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code make-reference}: what it writes and tells, and {@code convert-extractor} beside it. */
class MakeReferenceCommandTest {
    @TempDir
    private Path folder;

    @Test
    void writesStatisticsFeaturesAndTheirOrigin() throws IOException {
        Path out = folder.resolve("new/reference.safetensors");
        JsonNode answer = make(SampledPictures.TRAIN, "--out", out, "--json").json();
        assertThat(answer.propertyNames())
                .containsExactly("file", "extractor", "weightsSha256", "images", "features", "seconds");
        assertThat(answer.path("images").intValue()).isEqualTo(200);
        assertThat(answer.path("features").booleanValue()).isTrue();
        try (SafeTensors file = SafeTensors.open(out)) {
            assertThat(file.metadata())
                    .containsEntry("format", "mediator-reference-1")
                    .containsEntry("count", "200")
                    .containsEntry("source", "train-images-idx3-ubyte.gz, 200 images");
            assertThat(file.contains("features")).isTrue();
        }
    }

    @Test
    void takesFoldersAndFewerImagesAndPrepares() throws IOException {
        Path images = SampledPictures.byClass(folder.resolve("images"), 20);
        Path out = folder.resolve("small.safetensors");
        CliRun run = make(images, "--out", out, "--limit", 15, "--size", 24, "--no-features");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("15 images, fashion version 1 with 128 features")
                .contains("reference: " + out);
        try (SafeTensors file = SafeTensors.open(out)) {
            assertThat(file.metadata()).containsEntry("source", "images, 15 images, centre crop 24");
            assertThat(file.contains("features")).isFalse();
            assertThat(file.contains("covariance")).isTrue();
        }
    }

    @Test
    void refusesWhatCannotBe() throws IOException {
        Path out = folder.resolve("r.safetensors");
        assertThat(make(SampledPictures.TEST, "--out", out, "--limit", 1).err())
                .isEqualTo("mediator: --limit is 1, allowed is 2 or more\n");
        assertThat(make(SampledPictures.TEST, "--out", folder).err())
                .isEqualTo("mediator: " + folder + " is a folder, --out names a file\n");
        assertThat(make(SampledPictures.TEST, "--out", out, "--dtype", "bf16").exitCode())
                .isEqualTo(2);
        CliRun none = make(folder.resolve("none"), "--out", out);
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).contains(folder.resolve("none") + ": does not exist");
        CliRun one = make(SampledPictures.flat(folder.resolve("one"), 1), "--out", out);
        assertThat(one.err()).contains("holds one image, a reference needs 2 or more");
        Interruption interruption = new Interruption(Duration.ZERO);
        interruption.request();
        CliRun stopped = CliRun.of(
                interruption,
                "make-reference",
                SampledPictures.TEST,
                "--out",
                out,
                "--weights",
                SampledPictures.CLASSIFIER);
        assertThat(stopped.exitCode()).isEqualTo(130);
        assertThat(Files.exists(out)).isFalse();
    }

    @Test
    void extractorWeightsAreConverted() throws IOException {
        Path out = folder.resolve("converted.safetensors");
        JsonNode answer = CliRun.of("convert-extractor", "fashion", SampledPictures.CLASSIFIER, out, "--json")
                .json();
        assertThat(answer.path("distanceName").stringValue()).isEqualTo("FD-fashion");
        assertThat(answer.path("weightsSha256").stringValue()).startsWith("b80b29ba2992");
        CliRun used = CliRun.of(
                "make-reference", SampledPictures.TEST, "--out", folder.resolve("r"), "--weights", out, "--json");
        assertThat(used.json().path("weightsSha256")).isEqualTo(answer.path("weightsSha256"));

        CliRun other = CliRun.of("convert-extractor", "inception", SampledPictures.CLASSIFIER, folder.resolve("x"));
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err()).contains("fashion-classifier.safetensors: the checkpoint lacks tensor");
        CliRun itself = CliRun.of("convert-extractor", "fashion", out, out);
        assertThat(itself.err()).contains("is the file that is converted; name another one");
        assertThat(CliRun.of("convert-extractor", "vgg", out, folder.resolve("x"))
                        .exitCode())
                .isEqualTo(2);
    }

    private static CliRun make(Path images, Object... options) {
        List<Object> args = new ArrayList<>(List.of("make-reference", images, "--weights", SampledPictures.CLASSIFIER));
        Collections.addAll(args, options);
        return CliRun.of(args.toArray());
    }
}
