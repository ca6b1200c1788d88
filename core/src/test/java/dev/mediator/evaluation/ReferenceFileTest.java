package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mediator.checkpoint.Compression;
import dev.mediator.checkpoint.NpzWriter;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceFileTest extends ScopedTest {
    private static final String HASH = "0123456789abcdef".repeat(4);

    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        FeatureSet reference = reference();
        Path file = folder.resolve("new/reference.safetensors");
        ReferenceFile.write(file, reference, "the test split");
        FeatureSet read = ReferenceFile.read(file, extractor());
        assertThat(read.extractor()).isEqualTo(extractor());
        assertThat(read.count()).isEqualTo(30);
        assertThat(Tensors.doubles(read.pooled().covariance()))
                .isEqualTo(Tensors.doubles(reference.pooled().covariance()));
        assertThat(Tensors.doubles(Objects.requireNonNull(read.spatial()).mean()))
                .isEqualTo(Tensors.doubles(
                        Objects.requireNonNull(reference.spatial()).mean()));
        assertThat(Tensors.floats(Objects.requireNonNull(read.features())))
                .isEqualTo(Tensors.floats(Objects.requireNonNull(reference.features())));
        assertThat(ReferenceFile.holdsStatistics(file)).isTrue();
        try (SafeTensors tensors = SafeTensors.open(file)) {
            assertThat(tensors.metadata())
                    .containsEntry("source", "the test split")
                    .containsEntry("count", "30");
        }
    }

    @Test
    void statisticsOfOtherFeaturesAreRefused() throws IOException {
        FeatureSet whole = reference();
        for (boolean shifted : new boolean[] {true, false}) {
            FeatureGaussian other = new FeatureGaussian(
                    whole.count(),
                    shifted
                            ? whole.pooled().mean().add(new Scalar(0.1))
                            : whole.pooled().mean(),
                    shifted
                            ? whole.pooled().covariance()
                            : whole.pooled().covariance().mul(new Scalar(1.1)));
            Path file = folder.resolve("other");
            ReferenceFile.write(
                    file,
                    new FeatureSet(whole.extractor(), other, whole.spatial(), whole.features(), null),
                    "somewhere");
            assertThatIOException()
                    .isThrownBy(() -> ReferenceFile.read(file, extractor()))
                    .withMessageContaining(file + " is no usable reference: its mean and covariance are not those");
        }
    }

    @Test
    void aMeanWithoutCovarianceIsRefused() throws IOException {
        Path file = folder.resolve("half.npz");
        NpzWriter.write(file, Map.of("mu", Tensors.zeros(DType.F64, 16)), Compression.STORED);
        assertThatIOException()
                .isThrownBy(() -> ReferenceFile.holdsStatistics(file))
                .withMessageContaining("it has the array 'mu', but not 'sigma'");
    }

    @Test
    void featuresAreOptional() throws IOException {
        FeatureSet whole = reference();
        Path file = folder.resolve("small");
        ReferenceFile.write(
                file, new FeatureSet(whole.extractor(), whole.pooled(), whole.spatial(), null, null), "somewhere");
        assertThat(ReferenceFile.read(file, extractor()).features()).isNull();
        FeatureSet nobody = new FeatureSet(null, whole.pooled(), null, null, null);
        assertThatIllegalArgumentException().isThrownBy(() -> ReferenceFile.write(file, nobody, "somewhere"));
    }

    @Test
    void filesOfOtherPrograms() throws IOException {
        FeatureGaussian expected = Golden.gaussian(Golden.features("y"));
        Path plain = Golden.FOLDER.resolve("pytorch_fid.npz");
        FeatureSet read = ReferenceFile.read(plain, described("inception", "1", HASH, 16, 7));
        assertThat(read.extractor()).isNull();
        assertThat(read.count()).isZero();
        assertThat(read.spatial()).isNull();
        assertThat(Tensors.relativeError(read.pooled().covariance(), expected.covariance()))
                .isLessThan(1e-12);
        FeatureSet adm = ReferenceFile.read(Golden.FOLDER.resolve("adm.npz"), described("inception", "1", HASH, 16, 7));
        assertThat(Objects.requireNonNull(adm.spatial()).dimension()).isEqualTo(7);
        assertThat(ReferenceFile.holdsStatistics(plain)).isTrue();
        assertThat(ReferenceFile.holdsStatistics(Path.of("src/test/resources/numpy/images.npz")))
                .isFalse();
    }

    @Test
    void otherExtractorsAreRefused() throws IOException {
        Path file = folder.resolve("reference.safetensors");
        ReferenceFile.write(file, reference(), "x");
        for (ExtractorDescription other : new ExtractorDescription[] {
            described("other", "1", HASH, 6, 3),
            described("tiny", "2", HASH, 6, 3),
            described("tiny", "1", "f".repeat(64), 6, 3),
            described("tiny", "1", HASH, 5, 3),
            described("tiny", "1", HASH, 6, 0)
        }) {
            assertThatIOException()
                    .isThrownBy(() -> ReferenceFile.read(file, other))
                    .withMessageContaining(file + " was made by another extractor: tiny version 1 with 6 features");
        }
        assertThatIOException()
                .isThrownBy(() -> ReferenceFile.read(
                        Golden.FOLDER.resolve("pytorch_fid.npz"), described("tiny", "1", HASH, 2048, 0)))
                .withMessageContaining("array 'mu' is F64 [16], the extractor's features ask for [2048]");
    }

    @Test
    void filesThatAreNoReference() throws IOException {
        assertThatIOException()
                .isThrownBy(() -> ReferenceFile.read(folder.resolve("none"), extractor()))
                .withMessageContaining("none");
        assertRefused(Map.of("format", "x"), reference().pooled(), "its metadata lacks format mediator-reference-1");
        assertRefused(own("extractor", "null"), reference().pooled(), "its extractor is not told");
        assertRefused(own("extractor", "{\"name\":\"x\"}"), reference().pooled(), "its extractor cannot be read");
        assertRefused(own("count", "many"), reference().pooled(), "its count is 'many'");
        assertRefused(own("count", "1"), reference().pooled(), "its count is 1, allowed is 2 or more");
        assertRefused(
                own("count", "30"),
                Golden.gaussian(normal(3, 10, 5)),
                "its tensor 'mean' is F64 [5], expected is F64 [6]");
        assertRefused(
                own("count", "30"),
                new FeatureGaussian(0, reference().pooled().mean(), Tensors.to(normal(4, 6, 6), DType.F64)),
                "its covariance is not symmetric");
        Tensor bad = reference().pooled().covariance();
        bad.select(0, 2).select(0, 2).fill_(new Scalar(Double.NaN));
        assertRefused(
                own("count", "30"),
                new FeatureGaussian(0, reference().pooled().mean(), bad),
                "its statistics are not finite");
        for (double scale : new double[] {-1, -1e-3}) {
            Tensor negative = reference().pooled().covariance();
            negative.select(0, 2)
                    .mul_(new Scalar(0.0))
                    .select(0, 2)
                    .fill_(new Scalar(scale * Tensors.maxAbs(negative)));
            negative.select(1, 2).copy_(negative.select(0, 2).clone());
            assertRefused(
                    own("count", "30"),
                    new FeatureGaussian(0, reference().pooled().mean(), negative),
                    "a covariance has the eigenvalues -");
        }
        Path text = Files.writeString(folder.resolve("text"), "mean");
        assertThatIOException()
                .isThrownBy(() -> ReferenceFile.read(text, extractor()))
                .withMessageContaining("text");
        Path integers = folder.resolve("integers.npz");
        NpzWriter.write(
                integers,
                Map.of("mu", Tensors.zeros(DType.I64, 6), "sigma", Tensors.zeros(DType.F64, 6, 6)),
                Compression.STORED);
        assertThatIOException()
                .isThrownBy(() -> ReferenceFile.read(integers, extractor()))
                .withMessageContaining("array 'mu' is I64 [6]")
                .withMessageEndingWith("; in numpy: mu.astype('<f8')");
        Path page = Files.writeString(folder.resolve("page.npz"), "<html>");
        assertThatIOException()
                .isThrownBy(() -> ReferenceFile.read(page, extractor()))
                .withMessageStartingWith(page + " is not a usable zip archive: ")
                .withMessageContaining("it is an HTML page");
        Path empty = Files.createFile(folder.resolve("empty.npz"));
        assertThatIOException()
                .isThrownBy(() -> ReferenceFile.read(empty, extractor()))
                .withMessageContaining("it is empty");
        assertThatIOException()
                .isThrownBy(() -> ReferenceFile.read(Path.of("src/test/resources/numpy/images.npz"), extractor()))
                .withMessageContaining("has no array 'mu', found are [arr_0, arr_1]");
    }

    private void assertRefused(Map<String, String> metadata, FeatureGaussian pooled, String reason) throws IOException {
        Path file = folder.resolve("bad.safetensors");
        SafeTensorsWriter.write(file, Map.of("mean", pooled.mean(), "covariance", pooled.covariance()), metadata);
        assertThatIOException()
                .isThrownBy(() -> ReferenceFile.read(file, extractor()))
                .withMessageContaining(file.toString())
                .withMessageContaining(reason);
    }

    private Map<String, String> own(String key, String value) throws IOException {
        Path file = folder.resolve("good.safetensors");
        ReferenceFile.write(file, reference(), "x");
        try (SafeTensors tensors = SafeTensors.open(file)) {
            Map<String, String> metadata = new LinkedHashMap<>(tensors.metadata());
            metadata.put(key, value);
            return metadata;
        }
    }

    private static FeatureSet reference() throws IOException {
        Tensor features = normal(1, 30, 6);
        return new FeatureSet(
                extractor(), Golden.gaussian(features), Golden.gaussian(normal(2, 30, 3)), features, null);
    }

    private static ExtractorDescription extractor() {
        return described("tiny", "1", HASH, 6, 3);
    }

    private static ExtractorDescription described(String name, String version, String hash, int d, int s) {
        return new ExtractorDescription(name, version, hash, false, 3, 32, "bilinear", d, s, 0);
    }
}
