package dev.mediator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mediator.image.Picture;
import java.util.function.LongUnaryOperator;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class CenterCropTest {
    @Test
    void halvesByMeansAndTakesTheMiddle() {
        // halved once: ((10+20)/2 + (30+41)/2)/2 = 25.25 and, for the right half, ((30+40)/2 + (50+61)/2)/2 = 45.25,
        // with each mean rounded half up 15, 36 → 26 and 35, 56 → 46; of the two columns the first is the middle one
        Picture picture = Picture.of(4, 2, 1, new byte[] {10, 20, 30, 40, 30, 41, 50, 61});
        assertThat(CenterCrop.apply(picture, 1)).isEqualTo(Picture.of(1, 1, 1, new byte[] {26}));
    }

    @Test
    void aPictureOfTheRightShortSideIsOnlyCropped() {
        byte[] samples = new byte[3 * 7];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) i;
        }
        assertThat(CenterCrop.apply(Picture.of(7, 3, 1, samples), 3).samples())
                .containsExactly(2, 3, 4, 9, 10, 11, 16, 17, 18);
        assertThat(CenterCrop.apply(Picture.of(3, 7, 1, samples), 3).samples())
                .containsExactly(6, 7, 8, 9, 10, 11, 12, 13, 14);
    }

    @Test
    void agreesWithAdmOnPillow() {
        Picture small = pattern(31, 23, i -> 29 * i % 253);
        byte[] expected = {
            97, 126, (byte) 155, 113, (byte) 142, (byte) 156, 119, (byte) 148, 96, (byte) 137, (byte) 151, 116
        };
        assertThat(CenterCrop.apply(small, 5).samples()).hasSize(75).startsWith(expected);
        Picture large = pattern(211, 150, i -> i * i / 7 % 256);
        CRC32 checksum = new CRC32();
        checksum.update(CenterCrop.apply(large, 32).samples());
        assertThat(checksum.getValue()).isEqualTo(1921947828L);
    }

    @Test
    void smallPicturesAreEnlarged() {
        Picture crop = CenterCrop.apply(pattern(5, 9, i -> 100), 16);
        assertThat(crop.width()).isEqualTo(16);
        assertThat(crop.height()).isEqualTo(16);
        assertThat(crop.samples()).containsOnly(100);
    }

    @Test
    void anEmptyCropIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CenterCrop.apply(pattern(5, 9, i -> 100), 0))
                .withMessageContaining("0");
    }

    private static Picture pattern(int width, int height, LongUnaryOperator sample) {
        byte[] samples = new byte[width * height * 3];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) sample.applyAsLong(i);
        }
        return Picture.of(width, height, 3, samples);
    }
}
