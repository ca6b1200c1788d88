package dev.mediator.evaluation.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.data.DataConfig;
import dev.mediator.data.ImageDataset;
import dev.mediator.data.Split;
import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.Features;
import dev.mediator.image.Picture;
import dev.mediator.image.Resampling;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The classifier that ships, on the excerpt's test images, padded to 32×32 as generated pictures are. */
class FashionExtractorTest {
    private static final Path SHIPPED = Path.of("../models/fashion-classifier.safetensors");

    private Scope scope;
    private FeatureExtractor extractor;
    private ImageDataset padded;

    @BeforeEach
    void open() throws IOException, URISyntaxException {
        scope = Scope.open();
        extractor = ExtractorKind.FASHION.open(SHIPPED, ComputeDevice.CPU);
        padded = DataConfig.defaults()
                .withPath(Path.of(getClass().getResource("/fashion-mnist").toURI())
                        .toString())
                .withSplit(Split.TEST)
                .open();
    }

    @AfterEach
    void close() {
        extractor.close();
        scope.close();
    }

    @Test
    void theShippedClassifierKnowsClothes() throws IOException {
        Features features = extractor.extract(pictures(100));

        long[] predicted =
                Tensors.longs(Objects.requireNonNull(features.logits()).argmax(new LongOptional(1), false));
        long right = IntStream.range(0, 100)
                .filter(i -> predicted[i] == padded.label(i))
                .count();
        assertThat(right).isGreaterThanOrEqualTo(88);
        assertThat(Files.size(SHIPPED)).isLessThan(2_000_000);
    }

    @Test
    void paddingMakesNoDifference() throws IOException {
        List<Picture> with = pictures(5);
        List<Picture> without =
                with.stream().map(picture -> picture.crop(2, 2, 28, 28)).toList();

        assertThat(Tensors.relativeError(
                        extractor.extract(without).pooled(),
                        extractor.extract(with).pooled()))
                .isLessThan(1e-6);
    }

    @Test
    void otherSizesAreTakenForPaddedPictures() throws IOException {
        Picture picture = pictures(1).get(0);
        Picture large = Resampling.BICUBIC.resize(picture, 64, 64);

        assertThat(Tensors.relativeError(
                        extractor.extract(List.of(large)).pooled(),
                        extractor.extract(List.of(picture)).pooled()))
                .isLessThan(0.2);
    }

    @Test
    void aPicturesFeaturesDoNotDependOnItsBatch() throws IOException {
        Features together = extractor.extract(pictures(70));
        Features alone = extractor.extract(pictures(70).subList(69, 70));

        assertThat(together.count()).isEqualTo(70);
        assertThat(Tensors.relativeError(alone.pooled(), together.pooled().narrow(0, 69, 1)))
                .isLessThan(1e-5);
    }

    @Test
    void describesItself() {
        ExtractorDescription description = extractor.description();

        assertThat(description.distanceName()).isEqualTo("FD-fashion");
        assertThat(description.dimension()).isEqualTo(128);
        assertThat(description.classes()).isEqualTo(10);
        assertThat(description.channels()).isEqualTo(1);
    }

    @Test
    void colourAndMixedSizesAreRefused() throws IOException {
        Picture grey = pictures(1).get(0);

        assertThatThrownBy(() -> extractor.extract(List.of(grey.withChannels(3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("colour");
        assertThatThrownBy(() -> extractor.extract(List.of(grey, grey.crop(0, 0, 28, 28))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("different sizes");
    }

    private List<Picture> pictures(int count) throws IOException {
        Picture[] pictures = new Picture[count];
        for (int i = 0; i < count; i++) {
            try (Scope inner = Scope.open()) {
                pictures[i] = Picture.of(
                        Tensors.of(padded.load(i, false), padded.shape().sizes()));
            }
        }
        return List.of(pictures);
    }
}
