package dev.mediator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PictureTest {
    private static final Picture COLOUR = Picture.of(3, 2, 3, new byte[] {
        0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42, (byte) 200, (byte) 201, (byte) 255
    });

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void everySampleSurvivesTheWayToFloatAndBack() {
        for (int sample = 0; sample < 256; sample++) {
            assertThat(Picture.toSample(Picture.toValue(sample))).isEqualTo(sample);
        }
        assertThat(Picture.toValue(0)).isEqualTo(-1f);
        assertThat(Picture.toValue(255)).isEqualTo(1f);
    }

    @Test
    void valuesAreRoundedHalfUpAndClamped() {
        assertThat(Picture.toSample(0)).isEqualTo(128); // 127.5
        assertThat(Picture.toSample((float) (100.49 / 127.5 - 1))).isEqualTo(100);
        assertThat(Picture.toSample((float) (100.51 / 127.5 - 1))).isEqualTo(101);
        assertThat(Picture.toSample(-3.5f)).isZero();
        assertThat(Picture.toSample(7)).isEqualTo(255);
    }

    @Test
    void tensorsAreChannelsFirst() {
        try (Scope scope = Scope.open()) {
            Tensor tensor = COLOUR.toTensor();
            assertThat(Shapes.of(tensor)).containsExactly(3, 2, 3);
            float[] values = Tensors.floats(tensor);
            assertThat(values[2 * 6 + 5]).isEqualTo(1f); // blue of the last pixel
            assertThat(values[6 + 3]).isEqualTo(31 / 127.5f - 1); // green of the first pixel of row 1
            assertThat(Picture.of(tensor)).isEqualTo(COLOUR);
        }
    }

    @Test
    void aBatchBecomesAListOfPictures() {
        try (Scope scope = Scope.open()) {
            Tensor batch = Tensors.of(new float[] {-1, 1, 0, 0.5f}, 2, 1, 1, 2);
            assertThat(Picture.ofBatch(batch))
                    .containsExactly(
                            Picture.of(2, 1, 1, new byte[] {0, (byte) 255}),
                            Picture.of(2, 1, 1, new byte[] {(byte) 128, (byte) 191}));
        }
    }

    @Test
    void valuesThatAreNotFiniteAreRefused() {
        try (Scope scope = Scope.open()) {
            Tensor broken = Tensors.of(new float[] {0, Float.NaN}, 1, 1, 2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Picture.of(broken))
                    .withMessageContaining("NaN");
        }
    }

    @Test
    void greyAndColourAreConverted() {
        Picture grey = COLOUR.withChannels(1);
        assertThat(grey.sample(0, 0, 0)).isEqualTo(1); // 0.587·1 + 0.114·2 = 0.8
        assertThat(grey.sample(2, 1, 0)).isEqualTo(207); // 59.8 + 117.987 + 29.07 = 206.857
        Picture back = grey.withChannels(3);
        assertThat(List.of(back.sample(2, 1, 0), back.sample(2, 1, 1), back.sample(2, 1, 2)))
                .containsOnly(207);
        assertThat(COLOUR.withChannels(3)).isSameAs(COLOUR);
    }

    @Test
    void cropsMirrorsAndEnlarges() {
        Picture crop = COLOUR.crop(1, 0, 2, 2);
        assertThat(crop.samples()).containsExactly(10, 11, 12, 20, 21, 22, 40, 41, 42, 200, 201, 255);
        assertThat(crop.mirrored().samples()).containsExactly(20, 21, 22, 10, 11, 12, 200, 201, 255, 40, 41, 42);
        Picture large = COLOUR.enlarged(3);
        assertThat(large.width()).isEqualTo(9);
        assertThat(large.height()).isEqualTo(6);
        for (int y = 0; y < 6; y++) {
            for (int x = 0; x < 9; x++) {
                assertThat(large.sample(x, y, 1)).isEqualTo(COLOUR.sample(x / 3, y / 3, 1));
            }
        }
    }

    @Test
    void picturesAreValues() {
        byte[] samples = {1, 2, 3, 4};
        Picture picture = Picture.of(2, 2, 1, samples);
        samples[0] = 9;
        assertThat(picture.sample(0, 0, 0)).isEqualTo(1);
        assertThat(picture)
                .isEqualTo(Picture.of(2, 2, 1, new byte[] {1, 2, 3, 4}))
                .hasSameHashCodeAs(Picture.of(2, 2, 1, new byte[] {1, 2, 3, 4}))
                .isNotEqualTo(Picture.of(4, 1, 1, new byte[] {1, 2, 3, 4}))
                .isNotEqualTo(Picture.of(2, 2, 1, new byte[] {1, 2, 3, 5}));
    }

    @Test
    void wrongSizesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Picture.of(2, 2, 1, new byte[5]))
                .withMessageContaining("4 samples, found are 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Picture.of(1, 2, 2, new byte[4]))
                .withMessageContaining("2 channels");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Picture.of(0, 2, 1, new byte[0]))
                .withMessageContaining("0×2");
        assertThatIllegalArgumentException().isThrownBy(() -> COLOUR.crop(2, 0, 2, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> COLOUR.crop(0, 0, 0, 1));
    }

    @Test
    void framedInBlack() {
        Picture framed = COLOUR.framed(5, 4);
        assertThat(framed.crop(1, 1, 3, 2)).isEqualTo(COLOUR);
        assertThat(framed.sample(0, 0, 0)).isZero();
        assertThat(framed.sample(4, 3, 2)).isZero();
        assertThat(COLOUR.framed(3, 2)).isEqualTo(COLOUR);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> COLOUR.framed(2, 9))
                .withMessage("a picture of 3×2 pixels does not fit into a frame of 2×9");
    }
}
