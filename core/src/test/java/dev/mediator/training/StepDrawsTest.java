package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StepDrawsTest {
    private static final StepDraws DRAWS = new StepDraws(17);
    private static final List<MediatorCount> COUNTS =
            List.of(new MediatorCount(4), new MediatorCount(16), MediatorCount.FULL);

    private Scope scope;

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** What makes runs resumable and micro-batches equal to batches: a draw belongs to a position in the stream. */
    @Test
    void drawsOfASampleDoNotDependOnItsBatch() {
        Tensor noise = DRAWS.noise(100, 8, 1, 4, 4);
        Tensor times = DRAWS.times(Transport.LINEAR_VELOCITY, 100, 8);
        long[] labels = DRAWS.dropLabels(100, new long[8], 0.5, 10);

        assertThat(Tensors.floats(DRAWS.noise(103, 2, 1, 4, 4))).isEqualTo(Tensors.floats(noise.narrow(0, 3, 2)));
        assertThat(Tensors.floats(DRAWS.times(Transport.LINEAR_VELOCITY, 103, 2)))
                .isEqualTo(Tensors.floats(times.narrow(0, 3, 2)));
        assertThat(DRAWS.dropLabels(103, new long[2], 0.5, 10)).isEqualTo(Arrays.copyOfRange(labels, 3, 5));
    }

    @Test
    void anotherSeedDrawsOtherwise() {
        StepDraws other = new StepDraws(18);
        assertThat(Tensors.floats(other.noise(0, 1, 4))).isNotEqualTo(Tensors.floats(DRAWS.noise(0, 1, 4)));
        assertThat(Tensors.floats(other.times(Transport.LINEAR_VELOCITY, 0, 4)))
                .isNotEqualTo(Tensors.floats(DRAWS.times(Transport.LINEAR_VELOCITY, 0, 4)));
    }

    @Test
    void noiseIsNormalAndDiffersBetweenSamples() {
        Tensor noise = DRAWS.noise(0, 200, 1, 10, 10);
        double[] values = Tensors.doubles(noise);
        assertThat(Arrays.stream(values).average().orElseThrow()).isCloseTo(0, within(0.03));
        assertThat(Arrays.stream(values).map(v -> v * v).average().orElseThrow())
                .isCloseTo(1, within(0.04));
        assertThat(Tensors.relativeError(noise.narrow(0, 0, 1), noise.narrow(0, 1, 1)))
                .isGreaterThan(0.5);
    }

    @Test
    void timesFillTheTransportsInterval() {
        double[] linear = Tensors.doubles(DRAWS.times(Transport.LINEAR_VELOCITY, 0, 5000));
        assertThat(Arrays.stream(linear).average().orElseThrow()).isCloseTo(0.5, within(0.015));
        assertThat(Arrays.stream(linear).min().orElseThrow()).isBetween(0.0, 0.002);
        assertThat(Arrays.stream(linear).max().orElseThrow()).isBetween(0.998, 1.0);

        Transport score = Transport.of(InterpolantPath.GVP, Prediction.SCORE);
        double[] cut = Tensors.doubles(DRAWS.times(score, 0, 5000));
        assertThat(Arrays.stream(cut).min().orElseThrow()).isGreaterThanOrEqualTo(0.000999);
    }

    @Test
    void aShareOfTheLabelsIsDropped() {
        long[] labels = new long[20_000];
        Arrays.setAll(labels, i -> i % 10);
        long[] kept = DRAWS.dropLabels(0, labels, 0.1, 10);

        assertThat(Arrays.stream(kept).filter(label -> label == 10).count() / 20_000.0)
                .isCloseTo(0.1, within(0.007));
        for (int i = 0; i < labels.length; i++) {
            assertThat(kept[i]).isIn(labels[i], 10L);
        }
        assertThat(labels).as("the batch's own labels stay").doesNotContain(10);
        assertThat(DRAWS.dropLabels(0, labels, 0, 10)).isEqualTo(labels);
        assertThat(DRAWS.dropLabels(0, labels, 1, 10)).containsOnly(10);
    }

    /** Dropping labels more often at small t would teach guidance something else. */
    @Test
    void dropoutTimeAndNoiseAreIndependent() {
        double[] times = Tensors.doubles(DRAWS.times(Transport.LINEAR_VELOCITY, 0, 20_000));
        long[] labels = DRAWS.dropLabels(0, new long[20_000], 0.5, 10);
        double sum = 0;
        int dropped = 0;
        for (int i = 0; i < times.length; i++) {
            if (labels[i] == 10) {
                sum += times[i];
                dropped++;
            }
        }
        assertThat(sum / dropped).isCloseTo(0.5, within(0.015));
    }

    @Test
    void mediatorCountsFollowTheirWeights() {
        Map<MediatorCount, Double> shares = shares(List.of(1.0, 3.0, 0.0));
        assertThat(shares.get(COUNTS.get(0))).isCloseTo(0.25, within(0.02));
        assertThat(shares.get(COUNTS.get(1))).isCloseTo(0.75, within(0.02));
        assertThat(shares).doesNotContainKey(COUNTS.get(2));
    }

    @Test
    void withoutWeightsAllCountsAreAlike() {
        assertThat(shares(List.of()).values()).hasSize(3).allSatisfy(share -> assertThat(share)
                .isCloseTo(1.0 / 3, within(0.02)));
    }

    private static Map<MediatorCount, Double> shares(List<Double> weights) {
        List<MediatorCount> drawn = new ArrayList<>();
        for (long step = 0; step < 6000; step++) {
            drawn.add(DRAWS.mediators(step, COUNTS, weights));
        }
        Map<MediatorCount, Double> shares = new HashMap<>();
        drawn.forEach(count -> shares.merge(count, 1.0 / drawn.size(), Double::sum));
        return shares;
    }
}
