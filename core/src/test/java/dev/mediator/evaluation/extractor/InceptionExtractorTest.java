package dev.mediator.evaluation.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.Features;
import dev.mediator.image.Picture;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.vision.FidInception;
import dev.mediator.vision.FormulaPictures;
import dev.mediator.vision.FormulaWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The FID Inception against pytorch-fid's network, and against the resize of TensorFlow 1 before it. The golden numbers are
 * fp64 results; PyTorch's own fp32 is off by 2.5e-6.
 */
class InceptionExtractorTest {
    private static final String PUBLISHED = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2";

    private static Scope shared;
    private static Map<String, Tensor> tensors;
    private static SafeTensors golden;

    private Scope scope;

    @TempDir
    private Path folder;

    @BeforeAll
    static void makeWeights() throws Exception {
        shared = Scope.open();
        tensors = FormulaWeights.of(FidInception::new);
        golden = SafeTensors.open(Path.of(InceptionExtractorTest.class
                .getResource("/golden/vision-inception.safetensors")
                .toURI()));
    }

    @AfterAll
    static void close() {
        golden.close();
        shared.close();
    }

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void featuresAreThoseOfPytorchFid() throws IOException {
        List<Picture> pictures = FormulaPictures.of(2, 3, 64, 64);

        try (FeatureExtractor extractor = make(ExtractorKind.INCEPTION_PYTORCH_FID, "")) {
            Features features = extractor.extract(pictures);
            assertClose(features.pooled(), "pytorchFid.pooled");
            assertClose(features.spatial(), "pytorchFid.spatial");
            assertClose(features.logits(), "pytorchFid.unbiasedLogits");
        }
    }

    @Test
    void featuresAreThoseOfTheTensorFlowGraph() throws IOException {
        List<Picture> second = FormulaPictures.of(2, 3, 64, 64).subList(1, 2);

        try (FeatureExtractor extractor = make(ExtractorKind.INCEPTION, "")) {
            Features features = extractor.extract(second);
            assertClose(features.pooled(), "adm.pooled");
            assertClose(features.spatial(), "adm.spatial");
            assertClose(features.logits(), "adm.unbiasedLogits");
            // The two ways to prepare a picture are not the same, so the test above can tell them apart.
            assertThat(Tensors.relativeError(
                            features.pooled(), golden.get("pytorchFid.pooled").narrow(0, 1, 1)))
                    .isGreaterThan(1e-3);
        }
    }

    @Test
    void logitsHaveABiasWhereTheyClassify() throws IOException {
        try (FidInception network = weights(tensors, "").network(FidInception::new)) {
            assertClose(network.logits(golden.get("pytorchFid.pooled")), "pytorchFid.logits");
        }
    }

    /** The paper: 5 billion multiply-adds (arXiv 1512.00567, section 6); other counts say 5.7. */
    @Test
    void costsWhatInceptionCosts() throws IOException {
        try (FidInception network = weights(tensors, "").network(FidInception::new);
                MacCounter counter = MacCounter.open()) {
            network.features(Tensors.zeros(DType.F32, 1, 3, 299, 299));
            assertThat(counter.macs() / 1e9).isBetween(5.6, 5.8);
        }
    }

    @Test
    void aPicturesFeaturesDoNotDependOnItsBatch() throws IOException {
        List<Picture> pictures = FormulaPictures.of(3, 3, 40, 56);

        try (FeatureExtractor extractor = make(ExtractorKind.INCEPTION, "")) {
            Features together = extractor.extract(pictures);
            Features alone = extractor.extract(pictures.subList(2, 3));
            assertThat(together.count()).isEqualTo(3);
            assertThat(Tensors.relativeError(alone.pooled(), together.pooled().narrow(0, 2, 1)))
                    .isLessThan(1e-5);
            assertThat(Tensors.relativeError(
                            Objects.requireNonNull(alone.spatial()),
                            Objects.requireNonNull(together.spatial()).narrow(0, 2, 1)))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void onlyThePublishedWeightsMakeFid() throws IOException {
        try (FeatureExtractor published = make(ExtractorKind.INCEPTION, PUBLISHED);
                FeatureExtractor random = make(ExtractorKind.INCEPTION, "")) {
            ExtractorDescription description = published.description();
            assertThat(description.distanceName()).isEqualTo("FID");
            assertThat(random.description().distanceName()).isEqualTo("FD-inception");
            assertThat(description.name()).isEqualTo("inception");
            assertThat(description.version()).isEqualTo("adm-1");
            assertThat(description.inputSize()).isEqualTo(299);
            assertThat(description.dimension()).isEqualTo(2048);
            assertThat(description.spatialDimension()).isEqualTo(2023);
            assertThat(description.classes()).isEqualTo(1008);
            assertThat(description.weightsSha256())
                    .isEqualTo(random.description().weightsSha256());
        }
    }

    @Test
    void aFileWithoutATensorIsRefusedByName() {
        Map<String, Tensor> lacking = new LinkedHashMap<>(tensors);
        lacking.remove("Mixed_6c.branch7x7dbl_4.bn.running_var");

        assertThatThrownBy(() -> ExtractorKind.INCEPTION.make(weights(lacking, "")))
                .isInstanceOf(IOException.class)
                .hasMessage("formula: the checkpoint lacks tensor 'Mixed_6c.branch7x7dbl_4.bn.running_var' of shape"
                        + " [160]");
    }

    @Test
    void tensorsOfAnotherShapeOrNameAreRefused() {
        Map<String, Tensor> thousand = new LinkedHashMap<>(tensors);
        thousand.put("fc.bias", Tensors.full(0, 1000));
        Map<String, Tensor> more = new LinkedHashMap<>(tensors);
        more.put("AuxLogits.fc.bias", Tensors.full(0, 1000));

        assertThatThrownBy(() -> ExtractorKind.INCEPTION.make(weights(thousand, "")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("'fc.bias' of the checkpoint has shape [1000], expected is [1008]");
        assertThatThrownBy(() -> ExtractorKind.INCEPTION.make(weights(more, "")))
                .isInstanceOf(IOException.class)
                .hasMessage("formula: tensor 'AuxLogits.fc.bias' belongs to no layer of its network");
    }

    @Test
    void aFileOfAnotherNetworkIsRefused() throws IOException {
        Path file = folder.resolve("x.safetensors");
        SafeTensorsWriter.write(file, Map.of("x", Tensors.full(1, 2)), Map.of());

        assertThatThrownBy(() -> ExtractorKind.INCEPTION.open(file, ComputeDevice.CPU))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": the checkpoint lacks tensor 'Conv2d_1a_3x3.conv.weight'");
    }

    @Test
    void countersOfTrainingBatchesAreIgnored() throws IOException {
        Map<String, Tensor> counted = new LinkedHashMap<>(tensors);
        counted.put("Conv2d_1a_3x3.bn.num_batches_tracked", Tensors.of(new long[] {7}, 1));

        assertThat(weights(counted, "").sha256()).isEqualTo(weights(tensors, "").sha256());
        make(ExtractorKind.INCEPTION, "").close();
    }

    @Test
    void greyPicturesAreRefused() throws IOException {
        try (FeatureExtractor extractor = make(ExtractorKind.INCEPTION, "")) {
            assertThatThrownBy(() -> extractor.extract(FormulaPictures.of(1, 1, 8, 8)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("grey");
        }
    }

    private static FeatureExtractor make(ExtractorKind kind, String sourceSha256) throws IOException {
        return kind.make(weights(tensors, sourceSha256));
    }

    private static ExtractorWeights weights(Map<String, Tensor> of, String sourceSha256) {
        return new ExtractorWeights(Path.of("formula"), of, sourceSha256, ComputeDevice.CPU);
    }

    private static void assertClose(@Nullable Tensor found, String name) {
        assertThat(Tensors.relativeError(Objects.requireNonNull(found), golden.get(name)))
                .as(name)
                .isLessThan(1e-5);
    }
}
