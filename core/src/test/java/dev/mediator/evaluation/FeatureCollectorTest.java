package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mediator.image.Picture;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class FeatureCollectorTest extends ScopedTest {
    private static final Picture DARK = grey(1, 2, 3, 4);
    private static final Picture LIGHT = grey(101, 52, 203, 254);
    private static final Picture WHITE = grey(9, 255, 9, 9);

    @Test
    void gathersStatisticsAndFeatures() throws IOException {
        try (FeatureCollector collector = new FeatureCollector(new PixelExtractor(), 5, true)) {
            collector.add(List.of(DARK, LIGHT));
            collector.add(List.of());
            collector.add(List.of(DARK));
            FeatureSet set = collector.collected();
            assertThat(set.count()).isEqualTo(3);
            assertThat(set.extractor()).isEqualTo(PixelExtractor.described());
            assertThat(Tensors.floats(Objects.requireNonNull(set.features())))
                    .containsExactly(1, 2, 3, 4, 101, 52, 203, 254, 1, 2, 3, 4);
            assertThat(Tensors.floats(Objects.requireNonNull(set.logits()))).containsExactly(3, 4, 203, 254, 3, 4);
            assertThat(Tensors.doubles(set.pooled().mean())[0]).isEqualTo((1 + 101 + 1) / 3.0);
            assertThat(Objects.requireNonNull(set.spatial()).dimension()).isEqualTo(2);
        }
    }

    @Test
    void keepsNothingThatIsNotAskedFor() throws IOException {
        try (FeatureCollector collector = new FeatureCollector(new PixelExtractor(), 2, false)) {
            collector.add(List.of(DARK, LIGHT));
            FeatureSet set = collector.collected();
            assertThat(set.features()).isNull();
            assertThat(set.logits()).isNull();
            assertThat(set.spatial()).isNotNull();
        }
    }

    @Test
    void refusesPicturesThatDiffer() throws IOException {
        Picture wide = Picture.of(4, 1, 1, new byte[4]);
        Picture colour = Picture.of(2, 2, 3, new byte[12]);
        try (FeatureCollector collector = new FeatureCollector(new PixelExtractor(), 10, true)) {
            collector.add(List.of(DARK, LIGHT));
            assertThatIOException()
                    .isThrownBy(() -> collector.add(List.of(DARK, wide)))
                    .withMessage("image 3 (counted from 0) has 4×1 pixels, the first one 2×2");
            assertThatIOException()
                    .isThrownBy(() -> collector.add(List.of(colour)))
                    .withMessage(
                            "image 2 (counted from 0) is in colour, the extractor pixels takes grey images: --channels 1 makes all grey");
            assertThat(collector.count()).isEqualTo(2);
        }
    }

    @Test
    void refusesFeaturesThatAreNotFinite() throws IOException {
        try (FeatureCollector collector = new FeatureCollector(new PixelExtractor(Float.NaN), 10, true)) {
            collector.add(List.of(DARK));
            assertThatIOException()
                    .isThrownBy(() -> collector.add(List.of(LIGHT, WHITE)))
                    .withMessage("the features of image 2 (counted from 0) are not finite");
            assertThat(collector.collected().count()).isEqualTo(1);
        }
    }

    @Test
    void batchesAreChannelsFirst() {
        byte[] samples = {1, 2, 3, 4, 5, (byte) 255};
        Tensor batch = PictureBatch.of(List.of(Picture.of(2, 1, 3, samples), Picture.of(2, 1, 3, new byte[6])), 3);
        assertThat(Shapes.of(batch)).containsExactly(2, 3, 1, 2);
        assertThat(Tensors.longs(batch)).containsExactly(1, 4, 2, 5, 3, 255, 0, 0, 0, 0, 0, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PictureBatch.of(List.of(DARK), 3))
                .withMessage("a picture is grey, the extractor takes colour pictures");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PictureBatch.of(List.of(DARK, Picture.of(3, 2, 1, new byte[6])), 1))
                .withMessage("the pictures have different sizes: 2×2 and 3×2");
        assertThatIllegalArgumentException().isThrownBy(() -> PictureBatch.of(List.of(), 1));
    }

    private static Picture grey(int... samples) {
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            bytes[i] = (byte) samples[i];
        }
        return Picture.of(2, 2, 1, bytes);
    }
}
