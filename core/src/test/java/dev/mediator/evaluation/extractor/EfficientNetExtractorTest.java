package dev.mediator.evaluation.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.Features;
import dev.mediator.image.Picture;
import dev.mediator.image.Resampling;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.vision.EfficientNetLite0;
import dev.mediator.vision.FormulaPictures;
import dev.mediator.vision.FormulaWeights;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** EfficientNet-Lite0 against the original Python network: fp64 results; its own fp32 is off by 5.4e-6. */
class EfficientNetExtractorTest {
    private Scope scope;
    private FeatureExtractor extractor;

    @BeforeEach
    void open() throws Exception {
        scope = Scope.open();
        extractor = ExtractorKind.EFFICIENTNET_LITE0.make(new ExtractorWeights(
                Path.of("formula"), FormulaWeights.of(EfficientNetLite0::new), "", ComputeDevice.CPU));
    }

    @AfterEach
    void close() {
        extractor.close();
        scope.close();
    }

    @Test
    void featuresAreThoseOfTheOriginal() throws Exception {
        Features features = extractor.extract(FormulaPictures.of(2, 3, 224, 224));

        try (SafeTensors golden = SafeTensors.open(Path.of(getClass()
                .getResource("/golden/vision-efficientnet.safetensors")
                .toURI()))) {
            assertThat(Tensors.relativeError(features.pooled(), golden.get("pooled")))
                    .isLessThan(2e-5);
            assertThat(Tensors.relativeError(Objects.requireNonNull(features.logits()), golden.get("logits")))
                    .isLessThan(2e-5);
        }
    }

    @Test
    void aPicturesFeaturesDoNotDependOnItsBatch() {
        List<Picture> pictures = FormulaPictures.of(9, 3, 32, 32);

        Features together = extractor.extract(pictures);
        Features alone = extractor.extract(pictures.subList(8, 9));

        assertThat(together.count()).isEqualTo(9);
        assertThat(Tensors.relativeError(alone.pooled(), together.pooled().narrow(0, 8, 1)))
                .isLessThan(1e-5);
    }

    @Test
    void picturesAreResizedAsDocumented() {
        Picture large = FormulaPictures.of(1, 3, 300, 400).get(0);
        Features ofLarge = extractor.extract(List.of(large));

        // The same but for rounding to 8 bits, twice; this network of random weights makes much of it.
        assertThat(difference(ofLarge, Resampling.BICUBIC.resize(large, 224, 224)))
                .isLessThan(0.08);
        assertThat(difference(ofLarge, Resampling.BOX.resize(large, 224, 224))).isGreaterThan(0.12);
    }

    private double difference(Features expected, Picture other) {
        return Tensors.relativeError(extractor.extract(List.of(other)).pooled(), expected.pooled());
    }

    /** Its authors: 407 million multiply-adds. */
    @Test
    void costsWhatItsAuthorsSay() {
        try (MacCounter counter = MacCounter.open()) {
            extractor.extract(FormulaPictures.of(1, 3, 224, 224));
            assertThat(counter.macs() / 1e6).isBetween(385.0, 410.0);
        }
    }

    @Test
    void itIsNoFid() {
        assertThat(extractor.description().distanceName()).isEqualTo("FD-efficientnet-lite0");
        assertThat(extractor.description().spatialDimension()).isZero();
        assertThat(extractor.description().dimension()).isEqualTo(1280);
        assertThat(extractor.description().classes()).isEqualTo(1000);
    }
}
