package dev.mediator.app.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.checkpoint.Compression;
import dev.mediator.checkpoint.NpzWriter;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.evaluation.ImageSource;
import dev.mediator.evaluation.PictureBatch;
import dev.mediator.image.Picture;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code evaluate --reference}: everything that samples can be scored against. */
class EvaluateReferenceTest {
    @TempDir
    private Path folder;

    private Path reference;
    private Evaluations evaluations;

    @BeforeEach
    void makeReference() {
        evaluations = Evaluations.in(folder);
        reference = evaluations.reference();
    }

    /** What the folder of a reference gives is what its file gives. */
    @Test
    void referencesMayBeImages() throws IOException {
        Path flat = SampledPictures.flat(folder.resolve("flat"), 40);
        JsonNode images = evaluate("--samples", flat, "--reference", SampledPictures.TRAIN, "--json")
                .json();
        JsonNode file =
                evaluate("--samples", flat, "--reference", reference, "--json").json();
        assertThat(images.path("fd").doubleValue()).isCloseTo(file.path("fd").doubleValue(), within(1e-12));
        assertThat(images.path("recall")).isEqualTo(file.path("recall"));
    }

    /** Statistics from the file, features from its images, as ADM's evaluator does it. */
    @Test
    void referencesOfAdmHaveStatisticsAndImages() throws IOException {
        Path adm = folder.resolve("adm.npz");
        Path plain = folder.resolve("plain.npz");
        try (Scope scope = Scope.open();
                SafeTensors own = SafeTensors.open(reference);
                ImageSource train = ImageSource.open(SampledPictures.TRAIN)) {
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            arrays.put("mu", own.get("mean"));
            arrays.put("sigma", own.get("covariance"));
            NpzWriter.write(plain, arrays, Compression.DEFLATED);
            arrays.put("arr_0", PictureBatch.of(train.next(200), 1).squeeze(1).contiguous());
            NpzWriter.write(adm, arrays, Compression.DEFLATED);
        }
        JsonNode own = evaluate("--samples", SampledPictures.TEST, "--reference", reference, "--json")
                .json();
        CliRun ofAdm = evaluate("--samples", SampledPictures.TEST, "--reference", adm, "--json");
        assertThat(ofAdm.err()).contains("warning: the reference does not tell its extractor");
        assertThat(ofAdm.json().path("fd").doubleValue())
                .isCloseTo(own.path("fd").doubleValue(), within(1e-9));
        assertThat(ofAdm.json().path("precision")).isEqualTo(own.path("precision"));
        for (Object[] statistics : new Object[][] {{"--reference", adm, "--statistics-only"}, {"--reference", plain}}) {
            List<Object> options = new ArrayList<>(List.of("--samples", SampledPictures.TEST, "--json"));
            Collections.addAll(options, statistics);
            JsonNode answer = evaluate(options.toArray()).json();
            assertThat(answer.path("fd")).isEqualTo(ofAdm.json().path("fd"));
            assertThat(answer.propertyNames())
                    .containsExactlyInAnyOrder("fd", "is", "isStd", "classAgreement", "samples", "extractor");
        }
    }

    @Test
    void statisticsOfOtherImagesAreToldAndThoseOfTheSameAreNot() throws IOException {
        String warning = "'mu' and 'sigma' are not the statistics of the images beside them";
        Path adm = folder.resolve("adm.npz");
        try (Scope scope = Scope.open();
                SafeTensors own = SafeTensors.open(reference);
                ImageSource train = ImageSource.open(SampledPictures.TRAIN)) {
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            arrays.put("arr_0", PictureBatch.of(train.next(120), 1).squeeze(1).contiguous());
            arrays.put("mu", own.get("mean").add(new Scalar(2.0)));
            arrays.put("sigma", own.get("covariance"));
            NpzWriter.write(adm, arrays, Compression.STORED);
            CliRun shifted = evaluate("--samples", SampledPictures.TEST, "--reference", adm, "--json");
            assertThat(shifted.err()).contains("warning: " + adm + ": " + warning);
            assertThat(shifted.exitCode()).isZero();
            arrays.put("mu", own.get("mean"));
            arrays.put("sigma", own.get("covariance").mul(new Scalar(4.0)));
            NpzWriter.write(adm, arrays, Compression.STORED);
            assertThat(evaluate("--samples", SampledPictures.TEST, "--reference", adm)
                            .err())
                    .contains(warning);
            arrays.put("sigma", own.get("covariance")); // of 200 images, of which the file holds 120
            NpzWriter.write(adm, arrays, Compression.STORED);
            assertThat(evaluate("--samples", SampledPictures.TEST, "--reference", adm)
                            .err())
                    .doesNotContain(warning);
            arrays.put("arr_0", PictureBatch.of(upsideDown(), 1).squeeze(1).contiguous());
            NpzWriter.write(adm, arrays, Compression.STORED);
            assertThat(evaluate("--samples", SampledPictures.TEST, "--reference", adm)
                            .err())
                    .contains(warning);
        }
    }

    private static List<Picture> upsideDown() throws IOException {
        try (ImageSource images = ImageSource.open(SampledPictures.TEST)) {
            return images.next(100).stream()
                    .map(picture -> {
                        byte[] samples = picture.samples();
                        for (int i = 0, j = samples.length - 1; i < j; i++, j--) {
                            byte swapped = samples[i];
                            samples[i] = samples[j];
                            samples[j] = swapped;
                        }
                        return Picture.of(picture.width(), picture.height(), 1, samples);
                    })
                    .toList();
        }
    }

    private CliRun evaluate(Object... options) {
        return evaluations.evaluate(options);
    }
}
