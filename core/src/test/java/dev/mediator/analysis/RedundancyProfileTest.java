package dev.mediator.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.analysis.RedundancyProfile.Point;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.Picture;
import dev.mediator.model.Sit;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.tensor.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedundancyProfileTest {
    private Sit sit;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void makeNetwork() {
        sit = TinyNetwork.sit(8);
    }

    @AfterEach
    void close() {
        sit.close();
    }

    /** More samples than a batch holds; mean and error are those of the samples measured one by one. */
    @Test
    void pointsAverageOverSamples() {
        AttentionStudy study = TinyNetwork.study(sit, MediatorCount.FULL);
        List<ImageRequest> requests = requests(10);
        RedundancyProfile all = RedundancyProfile.measure(study, requests, 1, 100, RedundancyProfileTest::silent);
        List<RedundancyProfile> single = requests.stream()
                .map(request ->
                        RedundancyProfile.measure(study, List.of(request), 1, 100, RedundancyProfileTest::silent))
                .toList();

        assertThat(all.tokens()).isEqualTo(16);
        assertThat(all.heads()).isEqualTo(2);
        assertThat(all.pairs()).isNull();
        assertThat(all.points()).hasSize(2 * 4);
        for (int i = 0; i < all.points().size(); i++) {
            int index = i;
            Point point = all.points().get(i);
            double[] scores = single.stream()
                    .mapToDouble(profile -> profile.points().get(index).score())
                    .toArray();
            double mean = IntStream.range(0, 10).mapToDouble(s -> scores[s]).sum() / 10;
            double variance = IntStream.range(0, 10)
                            .mapToDouble(s -> Math.pow(scores[s] - mean, 2))
                            .sum()
                    / 9;
            assertThat(point.score()).isBetween(1e-3, Math.log(2)).isEqualTo(mean, within(1e-6));
            assertThat(point.normalised()).isEqualTo(point.score() / Math.log(2), within(1e-15));
            assertThat(point.standardError()).isCloseTo(Math.sqrt(variance / 10), within(1e-6));
            assertThat(point.pairStandardError()).isZero();
            assertThat(single.get(0).points().get(i).standardError()).isNull();
        }
    }

    @Test
    void everyOtherStepIsLookedAt() {
        AttentionStudy study = TinyNetwork.study(sit, OdeConfig.of(OdeSolver.EULER, 6), MediatorCount.FULL);
        AtomicLong scores = new AtomicLong();
        RedundancyProfile profile = RedundancyProfile.measure(study, requests(2), 2, 100, scores::incrementAndGet);

        assertThat(profile.byLayer()).hasSize(2).allSatisfy(layer -> {
            assertThat(layer).extracting(Point::step).containsExactly(0, 2, 4);
            assertThat(layer.stream().map(Point::t).toList()).containsExactly(0.0, 0.4, 0.8);
        });
        assertThat(scores).hasValue(RedundancyProfile.scores(study, 2, 2)).hasValue(2 * 2 * 3);
        double first = profile.byLayer().stream()
                        .mapToDouble(layer -> layer.get(0).normalised())
                        .sum()
                / 2;
        assertThat(profile.meanOverLayers()).hasSize(3).first().isEqualTo(first);
    }

    @Test
    void manyTokensAreComparedInPairsWithAStatedError() {
        try (Sit large = TinyNetwork.sit(34)) { // 289 tokens
            AttentionStudy study = TinyNetwork.study(large, OdeConfig.of(OdeSolver.EULER, 3), MediatorCount.FULL);
            RedundancyProfile few =
                    RedundancyProfile.measure(study, requests(2), 1, 500, RedundancyProfileTest::silent);
            RedundancyProfile many =
                    RedundancyProfile.measure(study, requests(2), 1, 20_000, RedundancyProfileTest::silent);

            assertThat(few.pairs()).isEqualTo(500);
            assertThat(few.points())
                    .allSatisfy(p -> assertThat(p.pairStandardError()).isPositive());
            for (int i = 0; i < few.points().size(); i++) {
                Point estimate = few.points().get(i);
                assertThat(estimate.score())
                        .isEqualTo(many.points().get(i).score(), within(4 * estimate.pairStandardError()));
            }
            assertThat(RedundancyProfile.measure(study, requests(2), 1, 500, RedundancyProfileTest::silent))
                    .isEqualTo(few);
        }
    }

    @Test
    void theTableHasALinePerPoint() {
        RedundancyProfile profile = new RedundancyProfile(
                16,
                2,
                null,
                List.of(new Point(0, 0, 0.25, 0.5, 0.75, 1e-3, 0), new Point(1, 0, 0.25, 0.1, 0.2, null, 0)));

        assertThat(profile.toCsv()).isEqualTo("""
                        layer,step,t,score,normalised,standard_error,pair_standard_error
                        0,0,0.25,0.5,0.75,0.001,0.0
                        1,0,0.25,0.1,0.2,,0.0
                        """);
    }

    @Test
    void plotsShowLayersAndTheirMean() {
        List<Point> points = new ArrayList<>();
        for (int layer = 0; layer < 12; layer++) {
            for (int step = 0; step < 5; step++) {
                points.add(new Point(layer, step, step / 5.0, 0, (layer + 1) * 0.05, null, 0));
            }
        }
        RedundancyPlots plots = new RedundancyPlots(new RedundancyProfile(16, 2, null, points), "a network");

        assertThat(plots.lines().curves())
                .extracting(curve -> curve.name())
                .containsExactly(
                        "layer 0", "layer 2", "layer 4", "layer 7", "layer 9", "layer 11", "mean of all layers");
        assertThat(plots.heatMap().rows()).hasSize(12);
        assertThat(plots.heatMap().scale().high()).isEqualTo(0.6, within(1e-12));
        Picture map = plots.heatMap().draw();
        assertThat(map.width()).isEqualTo(960);
    }

    /** A network whose rows are all alike still has plots. */
    @Test
    void aScoreOfZeroEverywhereIsDrawn() {
        RedundancyProfile profile = new RedundancyProfile(16, 2, null, List.of(new Point(0, 0, 0, 0, 0, null, 0)));

        assertThat(new RedundancyPlots(profile, "x").heatMap().draw().width()).isEqualTo(960);
        assertThat(new RedundancyPlots(profile, "x").lines().curves()).hasSize(2);
    }

    @Test
    void settingsAreChecked() {
        AttentionStudy study = TinyNetwork.study(sit, TinyNetwork.FOUR);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedundancyProfile.measure(study, requests(1), 0, 100, RedundancyProfileTest::silent))
                .withMessage("every is 0, allowed is 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedundancyProfile.measure(study, requests(1), 1, 0, RedundancyProfileTest::silent))
                .withMessageContaining("pairs is 0");
    }

    @Test
    void anInterruptionReachesTheCaller() {
        AttentionStudy study = TinyNetwork.study(sit, TinyNetwork.FOUR);

        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> RedundancyProfile.measure(study, requests(1), 1, 100, () -> {
                    throw new CancellationException();
                }));
    }

    private static void silent() {}

    private static List<ImageRequest> requests(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new ImageRequest(i % 3, i))
                .toList();
    }
}
