package dev.mediator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ResamplingTest {
    /** 7×5 pixels of (37·i) mod 251, i numbering the samples. */
    private static final Picture PATTERN = pattern();

    @Test
    void boxIsTheMeanOfWholeSquares() {
        byte[] samples = {
            10, 20, 30, 40,
            30, 41, 50, 61
        };
        Picture half = Resampling.BOX.resize(Picture.of(4, 2, 1, samples), 2, 1);
        // rows first by columns: (15, 35), (36, 56), each rounded half up, then their means
        assertThat(half.samples()).containsExactly(26, 46);
    }

    @Test
    void bicubicWeightsAreThoseOfKeys() {
        // doubling an edge: the weights at a quarter are −9/128, 111/128, 29/128, −3/128, cut off at the borders
        Picture edge = Picture.of(4, 1, 1, new byte[] {0, 0, 100, 100});
        byte[] wide = Resampling.BICUBIC.resize(edge, 8, 1).samples();
        assertThat(wide[3]).isEqualTo((byte) Math.round(100 * (29 - 3) / 128.0)); // 20.3
        assertThat(wide[4]).isEqualTo((byte) Math.round(100 * (111 - 9) / 128.0)); // 79.7
    }

    @Test
    void agreesWithPillow() {
        assertThat(samples(Resampling.BOX.resize(PATTERN, 3, 2)))
                .containsExactly(80, 117, 154, 162, 87, 96, 133, 170, 123, 140, 177, 88, 82, 119, 115, 130, 104, 141);
        assertThat(samples(Resampling.BICUBIC.resize(PATTERN, 4, 3)))
                .containsExactly(
                        63, 92, 133, 181, 75, 116, 145, 123, 82, 126, 164, 135, 96, 132, 145, 106, 117, 146, 153, 78,
                        133, 169, 166, 89, 134, 172, 95, 115, 157, 94, 85, 131, 127, 117, 92, 139);
        int[] larger = samples(Resampling.BICUBIC.resize(PATTERN, 9, 6));
        assertThat(larger).hasSize(162).startsWith(0, 31, 68, 66, 121, 158, 173, 88, 125, 202, 15, 57, 81, 118, 155);
        assertThat(larger).endsWith(105, 141, 192, 110, 150, 187, 0, 40, 77);
    }

    @Test
    void theSameSizeChangesNothing() {
        for (Resampling filter : Resampling.values()) {
            assertThat(filter.resize(PATTERN, 7, 5)).isEqualTo(PATTERN);
        }
    }

    @Test
    void aConstantStaysConstant() {
        byte[] white = new byte[30 * 20];
        Arrays.fill(white, (byte) 255);
        for (Resampling filter : Resampling.values()) {
            for (int[] size : new int[][] {{7, 3}, {31, 50}, {1, 1}}) {
                assertThat(samples(filter.resize(Picture.of(30, 20, 1, white), size[0], size[1])))
                        .containsOnly(255);
            }
        }
    }

    @Test
    void emptySizesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Resampling.BOX.resize(PATTERN, 0, 3))
                .withMessageContaining("0×3");
    }

    private static Picture pattern() {
        byte[] samples = new byte[7 * 5 * 3];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) (37 * i % 251);
        }
        return Picture.of(7, 5, 3, samples);
    }

    private static int[] samples(Picture picture) {
        byte[] samples = picture.samples();
        int[] unsigned = new int[samples.length];
        for (int i = 0; i < samples.length; i++) {
            unsigned[i] = Byte.toUnsignedInt(samples[i]);
        }
        return unsigned;
    }
}
