package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuidanceTest {
    private static final int NULL_LABEL = 10;
    private static final int BATCH = 4;
    private static final int CHANNELS = 4;
    private static final int PIXELS = 4;

    /** Batch sizes the network was asked for. */
    private final List<Long> calls = new ArrayList<>();

    private Scope scope;
    private Tensor x;
    private Tensor t;
    private Tensor y;

    @BeforeEach
    void makeInput() {
        scope = Scope.open();
        x = new RandomStream(4, 0).normalTensor(0, BATCH, CHANNELS, 2, 2);
        t = Tensors.of(new float[] {0.1f, 0.3f, 0.5f, 0.9f}, BATCH);
        y = Tensors.of(new long[] {1, 2, 3, NULL_LABEL}, BATCH);
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** A network that is a formula: 2·x + t + 0.1·y + (y = none) per element. */
    private Tensor network(Tensor xt, Tensor times, Tensor labels) {
        calls.add(xt.size(0));
        float[] in = Tensors.floats(xt);
        float[] out = new float[in.length];
        double[] at = Tensors.doubles(times);
        long[] label = Tensors.longs(labels);
        for (int i = 0; i < out.length; i++) {
            int sample = i / (CHANNELS * PIXELS);
            out[i] = (float) formula(in[i], at[sample], label[sample]);
        }
        return Tensors.of(out, xt.shape());
    }

    private static double formula(double value, double time, long label) {
        return 2 * value + time + 0.1 * label + (label == NULL_LABEL ? 1 : 0);
    }

    /** What guidance must give, element by element. */
    private void assertGuided(Guidance guidance, double scale, int channels, double tMin, double tMax) {
        float[] in = Tensors.floats(x);
        double[] at = Tensors.doubles(t);
        long[] label = Tensors.longs(y);
        float[] out = Tensors.floats(guidance.predict(this::network, NULL_LABEL, x, t, y));
        for (int i = 0; i < in.length; i++) {
            int sample = i / (CHANNELS * PIXELS);
            int channel = i / PIXELS % CHANNELS;
            double forClass = formula(in[i], at[sample], label[sample]);
            double none = formula(in[i], at[sample], NULL_LABEL);
            boolean guided = channel < channels && at[sample] >= tMin && at[sample] <= tMax;
            double expected = guided ? none + scale * (forClass - none) : forClass;
            assertThat((double) out[i])
                    .as("sample " + sample + ", channel " + channel)
                    .isCloseTo(expected, within(2e-5));
        }
    }

    @Test
    void scaleOneIsOneEvaluation() {
        assertGuided(Guidance.NONE, 1, CHANNELS, 0, 1);
        assertThat(calls).containsExactly((long) BATCH);
    }

    @Test
    void allSamplesAreGuidedAsPairsInOneBatch() {
        assertGuided(new Guidance(3, 0, 0, 1), 3, CHANNELS, 0, 1);
        assertThat(calls).containsExactly(2L * BATCH);
    }

    @Test
    void theFirstChannelsOnly() {
        assertGuided(new Guidance(1.5, 3, 0, 1), 1.5, 3, 0, 1);
    }

    @Test
    void scaleZeroIsThePredictionWithoutClass() {
        assertGuided(new Guidance(0, 0, 0, 1), 0, CHANNELS, 0, 1);
    }

    /** Two of four samples stand inside the interval: six evaluations instead of eight. */
    @Test
    void samplesOutsideTheIntervalAreEvaluatedOnce() {
        assertGuided(new Guidance(4, 2, 0.2, 0.6), 4, 2, 0.2, 0.6);
        assertThat(calls).containsExactly(BATCH + 2L);
    }

    @Test
    void nobodyInsideTheInterval() {
        assertGuided(new Guidance(4, 0, 0.91, 1), 4, CHANNELS, 0.91, 1);
        assertThat(calls).containsExactly((long) BATCH);
    }

    @Test
    void whenItIsActive() {
        Guidance guidance = new Guidance(2, 0, 0.2, 0.6);
        assertThat(guidance.isActive(0.2)).isTrue();
        assertThat(guidance.isActive(0.6)).isTrue();
        assertThat(guidance.isActive(0.19)).isFalse();
        assertThat(guidance.isActive(0.61)).isFalse();
        assertThat(Guidance.NONE.isActive(0.5)).isFalse();
    }

    @Test
    void moreChannelsThanTheModelHasAreRefused() {
        assertThatThrownBy(() -> new Guidance(2, 5, 0, 1).predict(this::network, NULL_LABEL, x, t, y))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("guidance channels is 5, the model has 4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-1   | 0  | 0   | 1   | guidance scale is -1.0, allowed are 0 to 1000 (1: none)",
                "1001 | 0  | 0   | 1   | guidance scale is 1001.0, allowed are 0 to 1000 (1: none)",
                "NaN  | 0  | 0   | 1   | guidance scale is NaN, allowed are 0 to 1000 (1: none)",
                "2    | -1 | 0   | 1   | guidance channels is -1, allowed is 0 (all) or more",
                "2    | 0  | 0.5 | 0.5 | guidance interval is 0.5,0.5, allowed is 0 ≤ start < end ≤ 1",
                "2    | 0  | -1  | 1   | guidance interval is -1.0,1.0, allowed is 0 ≤ start < end ≤ 1",
                "2    | 0  | 0   | 1.1 | guidance interval is 0.0,1.1, allowed is 0 ≤ start < end ≤ 1",
            })
    void settingsOutOfRangeAreRefused(double scale, int channels, double tMin, double tMax, String message) {
        assertThatThrownBy(() -> new Guidance(scale, channels, tMin, tMax))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
