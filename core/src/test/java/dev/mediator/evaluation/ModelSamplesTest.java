package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.mediator.codec.PixelCodec;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.generation.Spent;
import dev.mediator.image.Picture;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.Schedule;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Samples that are scored as they are made, of one block on 2×2 pictures with random weights. */
class ModelSamplesTest extends ScopedTest {
    private static final int CLASSES = 3;
    private static final OdeConfig MIDPOINT = OdeConfig.of(OdeSolver.MIDPOINT, 4);

    private ImageGenerator generator;

    @BeforeEach
    void make() {
        SitConfig config = new SitConfig(
                2, 1, 1, 8, 1, 2, 4, CLASSES, false, List.of(new MediatorCount(1), MediatorCount.FULL), null);
        generator = new ImageGenerator(
                new Sit(
                        config,
                        (name, init, shape) ->
                                Scope.keepResult(() -> new RandomStream(5, name.hashCode()).normalTensor(0, shape))),
                List.of(),
                Transport.LINEAR_VELOCITY,
                new PixelCodec());
    }

    @AfterEach
    void close() {
        generator.close();
    }

    @Test
    void classesTakeTurnsAndSeedsShareNoNoise() {
        ModelSamples samples = new ModelSamples(5, 2, 2);

        assertThat(samples.labels(CLASSES)).containsExactly(0, 1, 2, 0, 1);
        assertThat(samples.request(4, CLASSES)).isEqualTo(new ImageRequest(1, 2L * 4294967296L + 4));
    }

    @Test
    void theFeaturesAreThoseOfTheGeneratorsPictures() throws IOException {
        ModelSamples samples = new ModelSamples(7, 1, 3);
        List<ImageRequest> requests = IntStream.range(0, 7)
                .mapToObj(i -> new ImageRequest(i % CLASSES, (1L << 32) + i))
                .toList();
        GenerationSettings settings = settings(MIDPOINT);
        var straight = generator.generate(requests, generator.plan(settings), GenerationObserver.NONE);

        try (FeatureCollector collector = new FeatureCollector(new PixelExtractor(), 7, true)) {
            Spent spent = samples.collect(generator, generator.plan(settings), collector, ModelSamples.Listener.NONE);

            float[] found =
                    Tensors.floats(Objects.requireNonNull(collector.collected().features()));
            assertThat(found).hasSize(28);
            assertThat(collector.count()).isEqualTo(7);
            for (int i = 0; i < 7; i++) {
                Picture picture = straight.pictures().get(i);
                for (int pixel = 0; pixel < 4; pixel++) { // batches of other sizes may round the other way
                    assertThat(found[4 * i + pixel])
                            .isBetween(
                                    picture.sample(pixel % 2, pixel / 2, 0) - 1f,
                                    picture.sample(pixel % 2, pixel / 2, 0) + 1f);
                }
            }
            assertThat(spent.evaluations())
                    .isEqualTo(7 * 6)
                    .isEqualTo(straight.spent().evaluations());
            assertThat(spent.gflops()).isCloseTo(straight.spent().gflops(), withinPercentage(1e-9));
        }
    }

    @Test
    void progressGrowsFromStepToStep() throws IOException {
        List<Double> heard = new ArrayList<>();
        List<Long> evaluations = new ArrayList<>();
        try (FeatureCollector collector = new FeatureCollector(new PixelExtractor(), 5, true)) {
            new ModelSamples(5, 0, 3)
                    .collect(generator, generator.plan(settings(MIDPOINT)), collector, (images, spent) -> {
                        heard.add(images);
                        evaluations.add(spent.evaluations());
                    });
        }

        assertThat(heard).containsExactly(1.0, 2.0, 3.0, 3.0, 3 + 2 / 3.0, 3 + 4 / 3.0, 5.0, 5.0);
        assertThat(evaluations).containsExactly(6L, 12L, 18L, 18L, 22L, 26L, 30L, 30L);
    }

    @Test
    void solversThatChooseTheirStepsWorkTooAndTheListenerMayEndIt() throws IOException {
        List<Double> heard = new ArrayList<>();
        try (FeatureCollector collector = new FeatureCollector(new PixelExtractor(), 3, false)) {
            RunPlan adaptive = generator.plan(settings(OdeConfig.of(OdeSolver.DOPRI5, 2)));
            new ModelSamples(2, 0, 8).collect(generator, adaptive, collector, (images, spent) -> heard.add(images));
            assertThat(collector.count()).isEqualTo(2);
            assertThat(heard).endsWith(2.0).isSorted().anyMatch(images -> images > 0.2 && images < 1.8);

            assertThatThrownBy(() -> new ModelSamples(1, 0, 1).collect(generator, adaptive, collector, (i, s) -> {
                        throw new CancellationException();
                    }))
                    .isInstanceOf(CancellationException.class);
        }
    }

    /** Any 64 bits; the old seeds give the old images, and no two sets share noise. */
    @Test
    void seedsOf64Bits() {
        assertThat(new ModelSamples(9, 3, 1).request(8, 10).seed()).isEqualTo((3L << 32) + 8);
        long[] seeds = {0, 1, Integer.MAX_VALUE, 1L << 31, 1L << 32, (1L << 32) + 1, -1, Long.MIN_VALUE, Long.MAX_VALUE
        };
        List<Long> firsts = Arrays.stream(seeds)
                .mapToObj(seed -> new ModelSamples(1, seed, 1).request(0, 10).seed())
                .sorted()
                .toList();
        for (int i = 1; i < firsts.size(); i++) {
            assertThat(firsts.get(i) / 2 - firsts.get(i - 1) / 2).isGreaterThan(100_000_000);
        }
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ModelSamples(0, 0, 1))
                .withMessage("the samples' count is 0, allowed are 1 to 100000000");
        assertThatIllegalArgumentException().isThrownBy(() -> new ModelSamples(1, 0, 0));
    }

    private static GenerationSettings settings(OdeConfig sampler) {
        return new GenerationSettings(sampler, Guidance.NONE, Schedule.parse("fixed:1@0.5,full"));
    }
}
