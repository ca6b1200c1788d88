package dev.mediator.app.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.LiteWeights;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.checkpoint.Compression;
import dev.mediator.checkpoint.NpzWriter;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code evaluate} refuses: one line that says what is wrong, and no record. */
class EvaluateFailureTest {
    @TempDir
    private Path folder;

    private Path reference;
    private Path out;

    @BeforeEach
    void makeReference() {
        Engine.start();
        reference = folder.resolve("reference.safetensors");
        out = folder.resolve("out");
        CliRun.of("make-reference", SampledPictures.TRAIN, "--out", reference, "--weights", SampledPictures.CLASSIFIER);
    }

    @Test
    void mixedSizes() throws IOException {
        Path samples = SampledPictures.flat(folder.resolve("mixed"), 12);
        PngFile.write(samples.resolve("005.png"), Picture.of(30, 28, 1, new byte[840]));
        assertRefused(samples, samples + ": image 5 (counted from 0) has 30×28 pixels, the first one 28×28");
        assertThat(evaluate(samples, "--size", 28).exitCode()).isZero();
    }

    @Test
    void tooFewImages() throws IOException {
        CliRun one = evaluate(SampledPictures.flat(folder.resolve("one"), 1), "--json");
        assertThat(one.json().has("fd")).isFalse();
        assertThat(one.err())
                .contains("warning: FD-fashion needs 2 images or more of samples and of reference, found is 1");
        CliRun nine = evaluate(SampledPictures.flat(folder.resolve("nine"), 9), "--json");
        assertThat(nine.json().propertyNames()).contains("fd", "is", "precision", "recall", "kid");
        assertThat(nine.err())
                .contains("warning: the inception score is of all 9 images at once, fewer than the 10 splits");
        CliRun three = evaluate(SampledPictures.flat(folder.resolve("three"), 3), "--json");
        assertThat(three.json().propertyNames()).contains("fd", "is", "kid").doesNotContain("precision", "recall");
        assertThat(three.err()).contains("warning: precision and recall with 3 neighbours need 4 images or more");
        Path empty = npz("empty.npz", Tensors.zeros(DType.U8, 0, 28, 28));
        assertRefused(empty, empty + " holds no images");
        assertRefused(Files.createDirectory(folder.resolve("none")), folder.resolve("none") + " has no image");
    }

    @Test
    void colourForAGreyExtractorAndTheReverse() throws IOException {
        Path colour = npz("colour.npz", Tensors.zeros(DType.U8, 12, 8, 8, 3));
        assertRefused(
                colour,
                colour + ": image 0 (counted from 0) is in colour, the extractor fashion takes grey images:"
                        + " --channels 1 makes all grey");
        assertThat(evaluate(colour, "--channels", 1).exitCode()).isZero();

        Path lite = folder.resolve("lite.safetensors");
        LiteWeights.write(lite);
        CliRun grey = CliRun.of(
                "evaluate",
                "--samples",
                SampledPictures.TEST,
                "--reference",
                SampledPictures.TEST,
                "--extractor",
                "efficientnet-lite0",
                "--weights",
                lite,
                "--out",
                out);
        assertThat(grey.exitCode()).isEqualTo(1);
        assertThat(grey.err())
                .contains(SampledPictures.TEST + ": image 0 (counted from 0) is grey, the extractor efficientnet-lite0"
                        + " takes colour images");
    }

    @Test
    void featuresThatAreNotFinite() throws IOException {
        Path poisoned = folder.resolve("poisoned.safetensors");
        try (Scope scope = Scope.open();
                SafeTensors shipped = SafeTensors.open(SampledPictures.CLASSIFIER)) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            shipped.all().forEach((name, tensor) -> tensors.put(name, tensor.clone()));
            tensors.values().iterator().next().fill_(new Scalar(Double.NaN));
            SafeTensorsWriter.write(poisoned, tensors, Map.of());
        }
        CliRun run = CliRun.of(
                "evaluate",
                "--samples",
                SampledPictures.TEST,
                "--reference",
                SampledPictures.TRAIN,
                "--weights",
                poisoned,
                "--out",
                out);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("mediator: " + SampledPictures.TRAIN
                        + ": the features of image 0 (counted from 0) are not finite\n");
    }

    @Test
    void aReferenceWhoseCovarianceIsNone() throws IOException {
        Path negative = folder.resolve("negative.safetensors");
        try (SafeTensors own = SafeTensors.open(reference);
                Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(own.all());
            tensors.computeIfPresent("covariance", (name, covariance) -> covariance.neg());
            SafeTensorsWriter.write(negative, tensors, own.metadata());
        }
        CliRun run = CliRun.of(
                "evaluate",
                "--samples",
                SampledPictures.TEST,
                "--reference",
                negative,
                "--weights",
                SampledPictures.CLASSIFIER,
                "--out",
                out);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("mediator: " + negative + " is no usable reference: a covariance has the eigenvalues -");
    }

    @Test
    void referencesOfAnotherExtractorOrSize() throws IOException {
        Path other = folder.resolve("other.safetensors");
        try (SafeTensors own = SafeTensors.open(reference)) {
            Map<String, String> metadata = new LinkedHashMap<>(own.metadata());
            metadata.computeIfPresent("extractor", (key, json) -> json.replace("\"b80b", "\"0000"));
            SafeTensorsWriter.write(other, own.all(), metadata);
        }
        CliRun run = CliRun.of(
                "evaluate",
                "--samples",
                SampledPictures.TEST,
                "--reference",
                other,
                "--weights",
                SampledPictures.CLASSIFIER,
                "--out",
                out);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains(other + " was made by another extractor: fashion version 1 with 128 features (weights"
                        + " 000029ba2992), expected is fashion version 1 with 128 features (weights b80b29ba2992)");

        Path pytorchFid = Path.of("../core/src/test/resources/evaluation/pytorch_fid.npz");
        CliRun sized = CliRun.of(
                "evaluate",
                "--samples",
                SampledPictures.TEST,
                "--reference",
                pytorchFid,
                "--weights",
                SampledPictures.CLASSIFIER,
                "--out",
                out);
        assertThat(sized.exitCode()).isEqualTo(1);
        assertThat(sized.err())
                .contains(pytorchFid + ": array 'mu' is F64 [16], the extractor's features ask for [128]");
    }

    @Test
    void npzFilesThatAreCutOrClaimTooMuch() throws IOException {
        Path whole = npz("whole.npz", Tensors.zeros(DType.U8, 12, 28, 28));
        assertThat(evaluate(whole, "--splits", 2).exitCode()).isZero();
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(folder.resolve("cut.npz"), Arrays.copyOf(bytes, bytes.length / 2));
        assertRefused(cut, cut + " is not a usable");
        Path huge = folder.resolve("huge.npz");
        String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (9223372036854775808, 28, 28), }";
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(huge))) {
            zip.putNextEntry(new ZipEntry("arr_0.npy"));
            ByteArrayOutputStream entry = new ByteArrayOutputStream();
            entry.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
            entry.write(header.getBytes(StandardCharsets.US_ASCII));
            entry.write(" ".repeat(117 - header.length()).getBytes(StandardCharsets.US_ASCII));
            entry.write('\n');
            entry.write(new byte[784]);
            zip.write(entry.toByteArray());
        }
        assertRefused(huge, "holds more values than any file can");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                        | --samples or --model is missing: what is scored?",
                "--samples x --model y                   | --samples and --model are both given, allowed is one of them",
                "--samples x --points 9                  | --points belongs to --model, but --samples names images that are there",
                "--samples x --count 9                   | --count belongs to --model, but --samples names images that are there",
                "--samples x --dtype bf16                | --dtype belongs to --model: features are always computed in fp32",
                "--samples x --splits 0                  | inceptionSplits is 0, allowed is 1 or more",
                "--samples x --channels 2                | channels is 2, allowed are 0 (as they are), 1 (grey) and 3 (colour)",
                "--samples x --training y                | --training and --held-out go together: held-out images tell how near is suspiciously near",
                "--samples x --extractor vgg             | the extractor is 'vgg', allowed are fashion, inception, inception-pytorch-fid, efficientnet-lite0",
                "--model x --count 0                     | the samples' count is 0, allowed are 1 to 100000000",
            })
    void wrongOptionsAreBadUsage(String options, String message) {
        List<Object> args = new ArrayList<>(
                List.of("evaluate", "--reference", reference, "--weights", SampledPictures.CLASSIFIER, "--out", out));
        if (options != null) {
            Collections.addAll(args, (Object[]) options.split(" "));
        }
        CliRun run = CliRun.of(args.toArray());
        assertThat(run.err()).isEqualTo("mediator: " + message + "\n");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    @Test
    void otherExtractorsNeedWeights() {
        CliRun run = CliRun.of(
                "evaluate", "--samples", SampledPictures.TEST, "--reference", reference, "--extractor", "inception");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--extractor inception needs --weights FILE");
        CliRun none = CliRun.of("evaluate", "--samples", SampledPictures.TEST, "--weights", SampledPictures.CLASSIFIER);
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("--reference is missing");
    }

    private void assertRefused(Path samples, String message) {
        CliRun run = evaluate(samples);
        assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
        assertThat(run.err()).contains("mediator: ").contains(message);
        assertThat(out).doesNotExist();
    }

    private CliRun evaluate(Path samples, Object... options) {
        List<Object> args = new ArrayList<>(List.of(
                "evaluate", "--samples", samples, "--reference", reference, "--weights", SampledPictures.CLASSIFIER));
        boolean fails = options.length == 0;
        Collections.addAll(args, "--out", fails ? out : folder.resolve("done"));
        Collections.addAll(args, options);
        return CliRun.of(args.toArray());
    }

    private Path npz(String name, Tensor images) throws IOException {
        Path file = folder.resolve(name);
        NpzWriter.write(file, Map.of("arr_0", images), Compression.STORED);
        return file;
    }
}
