package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomStreamTest {
    /** What a use's number is multiplied by before it goes into the key; −1 is the use of splits. */
    private static final long USE_MULTIPLIER = 0x9E3779B97F4A7C15L;

    /** The three known answers of Philox4x32-10 that its authors publish: counter, key, block. */
    @ParameterizedTest
    @CsvSource({
        "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1",
    })
    void blocksAreThoseOfPhilox(String counter, String key, String block) {
        long[] c = words(counter);
        long[] expected = words(block);
        long seed = words(key)[0] ^ -USE_MULTIPLIER;

        assertThat(new RandomStream(seed, c[1]).split(c[0])).isEqualTo(new RandomStream(expected[0], expected[1]));
    }

    /** Values of a separate implementation, in Python. */
    @Test
    void uniformsAndNormalsAreBuiltFromTheBlocks() {
        RandomStream stream = new RandomStream(7, 9);

        assertThat(stream.uniforms(2, 4))
                .containsExactly(0.025930251993897424, 0.3747590680207421, 0.01918823047614937, 0.18268699359266327);
        assertThat(stream.normals(0, 4)).containsExactly(-1.0149598f, -0.28723326f, 0.6532863f, 0.3240019f);
    }

    @Test
    void normalsHaveTheMomentsOfTheNormalDistribution() {
        float[] values = new RandomStream(1, 2).normals(0, 200_000);

        assertThat(moment(values, 1)).isCloseTo(0, within(0.01));
        assertThat(moment(values, 2)).isCloseTo(1, within(0.015));
        assertThat(moment(values, 3)).isCloseTo(0, within(0.04));
        assertThat(moment(values, 4)).isCloseTo(3, within(0.1));
    }

    @Test
    void uniformsFillTheUnitIntervalEvenly() {
        double[] values = new RandomStream(3, 4).uniforms(0, 100_000);
        int[] counts = new int[20];
        for (double value : values) {
            assertThat(value).isBetween(0.0, Math.nextDown(1.0));
            counts[(int) (value * counts.length)]++;
        }
        assertThat(chiSquared(counts, values.length))
                .as("19 degrees of freedom")
                .isLessThan(43.8);
    }

    @Test
    void aLongerDrawBeginsWithTheShorterOne() {
        RandomStream stream = new RandomStream(5, 6);

        assertThat(Arrays.copyOf(stream.normals(3, 101), 7)).isEqualTo(stream.normals(3, 7));
        assertThat(Arrays.copyOf(stream.uniforms(3, 101), 6)).isEqualTo(stream.uniforms(3, 6));
        assertThat(stream.uniform(3)).isEqualTo(stream.uniforms(3, 5)[0]);
    }

    @Test
    void seedsStreamsAndUsesAreUncorrelated() {
        float[] base = new RandomStream(10, 20).normals(1, 50_000);

        assertThat(correlation(base, new RandomStream(11, 20).normals(1, 50_000)))
                .isBetween(-0.02, 0.02);
        assertThat(correlation(base, new RandomStream(10, 21).normals(1, 50_000)))
                .isBetween(-0.02, 0.02);
        assertThat(correlation(base, new RandomStream(10, 20).normals(2, 50_000)))
                .isBetween(-0.02, 0.02);
        assertThat(correlation(base, new RandomStream(10, 20).split(0).normals(1, 50_000)))
                .isBetween(-0.02, 0.02);
    }

    @Test
    void splitStreamsAreDistinct() {
        Set<RandomStream> streams = new HashSet<>();
        Set<Float> firstValues = new HashSet<>();
        for (int seed = 0; seed < 4; seed++) {
            for (int stream = 0; stream < 5; stream++) {
                RandomStream parent = new RandomStream(seed, stream);
                streams.add(parent);
                for (int index = 0; index < 500; index++) {
                    streams.add(parent.split(index));
                    firstValues.add(parent.split(index).normals(0, 1)[0]);
                }
            }
        }
        assertThat(streams).hasSize(4 * 5 * 501);
        assertThat(firstValues).hasSizeGreaterThan(4 * 5 * 500 - 10);
    }

    /** A sample's noise is a row of its own stream, whatever else is in the batch. */
    @Test
    void noiseOfASampleDoesNotDependOnItsBatch() {
        try (Scope scope = Scope.open()) {
            Tensor alone = new RandomStream(8, 3).normalTensor(0, 1, 2, 3);
            Tensor[] batch = new Tensor[5];
            for (int i = 0; i < batch.length; i++) {
                batch[i] = new RandomStream(8, i).normalTensor(0, 1, 2, 3);
            }
            assertThat(Tensors.floats(Ops.cat(0, batch).narrow(0, 3, 1))).isEqualTo(Tensors.floats(alone));
            assertThat(alone.shape()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void integersBelowABoundAreUnbiased() {
        RandomStream stream = new RandomStream(12, 0);
        int[] counts = new int[7];
        for (int use = 0; use < 70_000; use++) {
            counts[(int) stream.below(use, 7)]++;
        }
        assertThat(chiSquared(counts, 70_000)).as("6 degrees of freedom").isLessThan(22.5);
    }

    /** A remainder without rejection would give 70 % here: 2⁶³ is about one and a half times the bound. */
    @Test
    void aBoundNearTheRangeOfTheBitsIsUnbiasedToo() {
        RandomStream stream = new RandomStream(13, 0);
        long bound = 6_000_000_000_000_000_000L;
        long lower = Long.MAX_VALUE - bound;
        int below = 0;
        for (int use = 0; use < 20_000; use++) {
            long value = stream.below(use, bound);
            assertThat(value).isBetween(0L, bound - 1);
            below += value < lower ? 1 : 0;
        }
        assertThat(below / 20_000.0).isCloseTo((double) lower / bound, within(0.02));
    }

    @Test
    void aBoundOfOneHasOneOutcomeAndZeroIsRefused() {
        assertThat(new RandomStream(0, 0).below(5, 1)).isZero();
        assertThatThrownBy(() -> new RandomStream(0, 0).below(5, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bound is 0, allowed is 1 or more");
    }

    /** Pairs of 32-bit words, low word first, as longs. */
    private static long[] words(String text) {
        long[] words = Arrays.stream(text.strip().split(" "))
                .mapToLong(w -> Long.parseLong(w, 16))
                .toArray();
        long[] pairs = new long[words.length / 2];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = words[2 * i] | words[2 * i + 1] << 32;
        }
        return pairs;
    }

    private static double moment(float[] values, int order) {
        double sum = 0;
        for (float value : values) {
            sum += Math.pow(value, order);
        }
        return sum / values.length;
    }

    private static double correlation(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum / a.length;
    }

    private static double chiSquared(int[] counts, int total) {
        double expected = (double) total / counts.length;
        return Arrays.stream(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
    }
}
