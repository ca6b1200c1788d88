package dev.mediator.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.generation.ImageGenerator;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.stepwise.Schedule;
import dev.mediator.tensor.Engine;
import dev.mediator.tuning.Tuner.SamplingChoice;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** What is predicted, chosen and measured with a random network. */
class TunerTest {

    @BeforeAll
    static void start() {
        Engine.start();
    }

    static Stream<SamplerConfig> samplers() {
        return Stream.of(
                TinyGenerator.midpoint(13), OdeConfig.of(OdeSolver.EULER, 60), SdeConfig.of(SdeSolver.EULER, 20));
    }

    @ParameterizedTest
    @MethodSource("samplers")
    void predictedAndCountedFlopsAgree(SamplerConfig sampler) {
        try (ImageGenerator generator = TinyGenerator.open()) {
            Guidance guidance = new Guidance(2.5, 0, 0.2, 0.7);
            Tuner tuner = new Tuner(
                    generator,
                    List.of(new SamplingChoice(sampler, guidance)),
                    TinyGenerator.images(0, 3),
                    List.of(),
                    2,
                    TunerTest::nothing);
            tuner.calibrate(4, List.of(0.95));
            tuner.measure();

            assertThat(tuner.measured()).hasSizeGreaterThan(5).allSatisfy(point -> {
                assertThat(point.gflops()).isCloseTo(point.gflopsPredicted(), within(0.02 * point.gflops()));
                assertThat(point.share())
                        .isCloseTo(point.gflops() / tuner.referenceGflops(), within(1e-12))
                        .isBetween(tuner.cheapestShare() - 1e-9, 1 + 1e-9);
                assertThat(point.heldOut()).isNull();
            });
            assertThat(tuner.measured())
                    .anySatisfy(point -> assertThat(point.share()).isBetween(0.93, 0.95));
        }
    }

    @Test
    void theReferenceHasNoErrorAndPredictionsAreOfTheRightSize() {
        try (ImageGenerator generator = TinyGenerator.open()) {
            Tuner tuner = tuner(generator, List.of(choice(21)), TunerTest::nothing);
            tuner.calibrate(5, List.of());
            tuner.measure();

            // Rounding alone: the same images in other batches.
            assertThat(find(tuner, "static:16").error().mean()).isLessThan(1e-5);
            assertThat(find(tuner, "static:16").errorPredicted()).isZero();
            assertThat(tuner.measured())
                    .filteredOn(point -> !point.schedule().equals("static:16"))
                    .allSatisfy(point -> {
                        assertThat(point.error().mean())
                                .isPositive()
                                .isBetween(point.errorPredicted() / 2, point.errorPredicted() * 2);
                        assertThat(Objects.requireNonNull(point.heldOut()).mean())
                                .isPositive();
                    });
            assertThat(tuner.profiles()).singleElement().satisfies(profile -> {
                assertThat(profile.base()).isZero();
                assertThat(profile.gains()).hasSize(4).allMatch(gain -> gain > 0.1 && gain < 10);
                assertThat(profile.localErrors()).containsOnlyKeys("4", "full");
            });
        }
    }

    @Test
    void fewerStepsAndLessGuidanceCostLessAndHaveAnErrorOfTheirOwn() {
        try (ImageGenerator generator = TinyGenerator.open()) {
            Guidance late = new Guidance(2.5, 0, 0.3, 1);
            List<SamplingChoice> choices = List.of(
                    choice(21),
                    new SamplingChoice(TinyGenerator.midpoint(21), late),
                    choice(8),
                    new SamplingChoice(TinyGenerator.midpoint(8), late));
            Tuner tuner = tuner(generator, choices, TunerTest::nothing);
            tuner.calibrate(8, List.of(0.4));
            tuner.measure();

            assertThat(tuner.cheapestShare()).isLessThan(0.35);
            assertThat(tuner.profiles())
                    .extracting(Tuner.Profile::base)
                    .element(0)
                    .isEqualTo(0.0);
            assertThat(tuner.profiles().subList(1, 4)).allMatch(profile -> profile.base() > 1e-4);
            assertThat(tuner.measured()).anySatisfy(point -> {
                assertThat(point.points()).isEqualTo(8);
                assertThat(point.share()).isBetween(0.3, 0.4);
                assertThat(point.gflops()).isCloseTo(point.gflopsPredicted(), within(1e-9));
            });
            assertThat(tuner.measured().stream().filter(p -> p.schedule().equals("static:16")))
                    .hasSize(4)
                    .allSatisfy(point ->
                            assertThat(point.error().mean()).isLessThanOrEqualTo(point.errorPredicted() + 1e-5));
        }
    }

    @Test
    void whatWasMeasuredBeforeAnInterruptionStays() {
        try (ImageGenerator generator = TinyGenerator.open()) {
            AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
            Tuner tuner = tuner(generator, List.of(choice(6)), () -> {
                if (left.decrementAndGet() < 0) {
                    throw new CancellationException();
                }
            });
            int before = left.get();
            tuner.calibrate(2, List.of());
            assertThat(before - left.get()).isEqualTo((int) tuner.calibrationSteps());
            left.set(3 * (int) (tuner.measuringSteps() / 5));

            assertThatThrownBy(tuner::measure).isInstanceOf(CancellationException.class);
            assertThat(tuner.measured()).isNotEmpty();
        }
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        try (ImageGenerator generator = TinyGenerator.open()) {
            List<SamplingChoice> choices = List.of(
                    new SamplingChoice(SdeConfig.of(SdeSolver.EULER, 20), Guidance.NONE),
                    new SamplingChoice(SdeConfig.of(SdeSolver.EULER, 10), Guidance.NONE));
            assertThatThrownBy(() -> tuner(generator, choices, TunerTest::nothing))
                    .hasMessageContaining("get other noise");
            assertThatThrownBy(() -> Fidelity.requireComparable(OdeConfig.of(OdeSolver.DOPRI5, 2)))
                    .hasMessageContaining("allowed here are solvers of fixed steps");
        }
        try (ImageGenerator single = TinyGenerator.open(List.of(new MediatorCount(4)))) {
            assertThatThrownBy(() -> tuner(single, List.of(choice(5)), TunerTest::nothing))
                    .hasMessage("the network serves [4], allowed for tuning is one of two or more mediator counts");
        }
    }

    @Test
    void theFrontIsAFront() {
        List<TunedPoint> points = List.of(
                point(3, 0.2),
                point(1, 0.5),
                point(2, 0.6),
                point(2, 0.4),
                point(4, 0.2),
                point(5, 0.0),
                point(3, 0.3));

        assertThat(TunedPoint.front(points))
                .containsExactly(point(1, 0.5), point(2, 0.4), point(3, 0.2), point(5, 0.0));
    }

    private static TunedPoint point(double gflops, double error) {
        return new TunedPoint(
                "static:4", 5, List.of(0.0, 1.0), gflops, gflops, gflops / 5, error, Average.of(error), null);
    }

    private static TunedPoint find(Tuner tuner, String schedule) {
        return tuner.measured().stream()
                .filter(point -> point.schedule().equals(schedule))
                .findFirst()
                .orElseThrow();
    }

    private static SamplingChoice choice(int points) {
        return new SamplingChoice(TinyGenerator.midpoint(points), TinyGenerator.GUIDED);
    }

    /** Listens to nothing. */
    private static void nothing() {}

    private static Tuner tuner(ImageGenerator generator, List<SamplingChoice> choices, Runnable onStep) {
        return new Tuner(generator, choices, TinyGenerator.images(0, 4), TinyGenerator.images(4, 3), 3, onStep);
    }

    /** What is written can be read. */
    @Test
    void resultsAreReadable() {
        try (ImageGenerator generator = TinyGenerator.open()) {
            Tuner tuner = tuner(generator, List.of(choice(6)), TunerTest::nothing);
            tuner.calibrate(6, List.of());
            tuner.measure();

            JsonMapper json = new JsonMapper();
            assertThat(tuner.measured()).allSatisfy(point -> {
                assertThat(Schedule.parse(point.schedule())).hasToString(point.schedule());
                assertThat(json.readValue(json.writeValueAsString(point), TunedPoint.class))
                        .isEqualTo(point);
            });
            Tuner.Profile profile = tuner.profiles().get(0);
            assertThat(json.readValue(json.writeValueAsString(profile), Tuner.Profile.class))
                    .isEqualTo(profile);
        }
    }
}
