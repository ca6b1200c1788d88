package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The size of published scores: 50,000 features of 2048 dimensions, in batches as an extractor gives them. Takes a minute or
 * two: {@code -Dmediator.large=true} runs it, and prints what took how long.
 */
@EnabledIfSystemProperty(named = "mediator.large", matches = "true")
class LargeStatisticsTest {
    private static final int COUNT = 50_000;
    private static final int DIMENSION = 2048;
    private static final int BATCH = 50;

    /** Estimates of the same normal distribution from n features differ by about d²/2n, 42. */
    @Test
    void fiftyThousandImagesCanBeScored() throws IOException {
        Engine.start();
        try (FeatureStatistics first = new FeatureStatistics(DIMENSION);
                FeatureStatistics second = new FeatureStatistics(DIMENSION);
                Scope scope = Scope.open()) {
            double seconds = fill(first, 1);
            fill(second, 2);
            long start = System.nanoTime();
            double distance =
                    FrechetDistance.between(first.gaussian(), second.gaussian()).value();
            System.out.printf(
                    "%d threads: statistics of 50,000 features %.1f s, distance %.1f s%n",
                    Engine.physicalCores(), seconds, (System.nanoTime() - start) * 1e-9);
            assertThat(distance).isBetween(20.0, 60.0);
        }
    }

    /** Seconds without those of making the features. */
    private static double fill(FeatureStatistics statistics, long seed) throws IOException {
        long nanos = 0;
        for (int i = 0; i < COUNT / BATCH; i++) {
            try (Scope scope = Scope.open()) {
                Tensor features = new RandomStream(seed, i).normalTensor(0, BATCH, DIMENSION);
                long start = System.nanoTime();
                statistics.add(features);
                nanos += System.nanoTime() - start;
            }
        }
        return nanos * 1e-9;
    }
}
