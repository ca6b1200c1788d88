package dev.mediator.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitTest {
    private static final RandomStream RANDOM = new RandomStream(1, 1);

    /** The bound is √(6/(in + out)); a convolution's input is channels times patch. */
    @ParameterizedTest
    @CsvSource({"1152, 384, 1, 0.062500", "384, 1536, 1, 0.055902", "192, 4, 2, 0.169842"})
    void xavierBoundIsThatOfTheMatrix(long out, long channels, long patch, double bound) {
        float[] values = Init.XAVIER_UNIFORM.values(RANDOM, out, channels, patch, patch);
        assertUniform(values, bound);
    }

    @Test
    void depthwiseConvolutionsHaveNineInputs() {
        assertUniform(Init.DEPTHWISE_UNIFORM.values(RANDOM, 384, 1, 3, 3), 1.0 / 3);
    }

    @Test
    void normalsHaveDeviationTwoHundredths() {
        float[] values = Init.NORMAL.values(RANDOM, 100, 300);
        assertThat(deviation(values)).isCloseTo(0.02, within(0.0004));
    }

    @Test
    void zerosAreZero() {
        assertThat(Init.ZERO.values(RANDOM, 3, 4)).hasSize(12).containsOnly(0);
    }

    @Test
    void freshParametersDependOnSeedAndNameOnly() {
        try (Scope scope = Scope.open()) {
            FreshParameters source = new FreshParameters(7);
            float[] first = Tensors.floats(source.get("blocks.0.attn.qkv.weight", Init.NORMAL, 3, 4));
            float[] again = Tensors.floats(source.at("blocks.0.").at("attn.").get("qkv.weight", Init.NORMAL, 3, 4));
            float[] otherName = Tensors.floats(source.get("blocks.1.attn.qkv.weight", Init.NORMAL, 3, 4));
            float[] otherSeed =
                    Tensors.floats(new FreshParameters(8).get("blocks.0.attn.qkv.weight", Init.NORMAL, 3, 4));

            assertThat(again).isEqualTo(first);
            assertThat(otherName).isNotEqualTo(first);
            assertThat(otherSeed).isNotEqualTo(first);
        }
    }

    private static void assertUniform(float[] values, double bound) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(largest).isBetween(0.99 * bound, bound * (1 + 1e-6));
        assertThat(deviation(values)).isCloseTo(bound / Math.sqrt(3), within(0.03 * bound));
    }

    private static double deviation(float[] values) {
        double square = 0;
        for (float value : values) {
            square += (double) value * value;
        }
        return Math.sqrt(square / values.length);
    }
}
