package dev.mediator.app.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.image.PngFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code evaluate --training}: whether samples are copies of training images. */
class EvaluateMemorisationTest {
    @TempDir
    private Path folder;

    private Evaluations evaluations;

    @BeforeEach
    void makeReference() {
        evaluations = Evaluations.in(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"features", "pixels"})
    void copiesOfTrainingImagesAreFound(String by) throws IOException {
        CliRun copied = nearest("--samples", SampledPictures.TRAIN, "--nearest-by", by, "--json");

        JsonNode found = copied.json().path("memorisation");
        assertThat(found.path("by").stringValue()).isEqualTo(by);
        assertThat(found.path("closest").doubleValue()).isZero();
        assertThat(found.path("sampleMedian").doubleValue()).isZero();
        assertThat(found.path("heldOutMedian").doubleValue()).isPositive();
        assertThat(found.path("closerShare").doubleValue()).isEqualTo(1);
        Picture sheet = PictureFile.read(Path.of(found.path("picture").stringValue()));
        assertThat(sheet.height()).isGreaterThan(12 * 84);
    }

    /** Samples of 32×32 against training images of 28×28. */
    @Test
    void newImagesAreNoCopies() throws IOException {
        Path large = folder.resolve("large");
        for (Path file : SampledPictures.files(SampledPictures.flat(folder.resolve("flat"), 30))) {
            PngFile.write(
                    large.resolve(file.getFileName()), PictureFile.read(file).framed(32, 32));
        }
        CliRun run = nearest("--samples", large, "--nearest-by", "pixels");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("nearest training image +median [\\d.]+ \\(held-out images [\\d.]+\\)");
    }

    @Test
    void smallerSamplesAreComparedByFeaturesOnly() throws IOException {
        Path model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));

        CliRun byPixels = nearest("--model", model, "--count", 12, "--points", 3, "--nearest-by", "pixels");
        assertThat(byPixels.exitCode()).isEqualTo(1);
        assertThat(byPixels.err()).contains("pixels of 28×28 images cannot be compared with those of samples of 8×8");

        CliRun byFeatures = nearest("--model", model, "--count", 12, "--points", 3);
        assertThat(byFeatures.exitCode()).as(byFeatures.err()).isZero();
    }

    private CliRun nearest(Object... options) {
        List<Object> all = new ArrayList<>(List.of(
                "--reference",
                evaluations.reference(),
                "--training",
                SampledPictures.TRAIN,
                "--held-out",
                SampledPictures.TEST));
        Collections.addAll(all, options);
        return evaluations.evaluate(all.toArray());
    }
}
