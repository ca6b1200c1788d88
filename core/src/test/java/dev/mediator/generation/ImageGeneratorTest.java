package dev.mediator.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.model.FlopCount;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.DiffusionForm;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.tensor.Engine;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a picture depends on, and what it costs. */
class ImageGeneratorTest {
    private static final Guidance GUIDED = new Guidance(2.5, 0, 0, 1);
    private static final SamplerConfig MIDPOINT = OdeConfig.of(OdeSolver.MIDPOINT, 6);

    private final RecordingCodec codec = new RecordingCodec();
    private final ImageGenerator generator = new ImageGenerator(
            TinyNetwork.create(TinyNetwork.config(1)), TinyNetwork.CLASSES, Transport.LINEAR_VELOCITY, codec);

    @BeforeEach
    void startEngine() {
        Engine.start(1); // a network this small gains nothing from more threads
    }

    @AfterEach
    void close() {
        generator.close();
        Engine.start(Engine.physicalCores());
    }

    static Stream<SamplerConfig> samplers() {
        Stream<SamplerConfig> odes = Arrays.stream(OdeSolver.values()).map(solver -> OdeConfig.of(solver, 6));
        Stream<SamplerConfig> sdes = Arrays.stream(SdeSolver.values()).map(solver -> SdeConfig.of(solver, 12));
        Stream<SamplerConfig> forms = Arrays.stream(DiffusionForm.values())
                .map(form -> SdeConfig.of(SdeSolver.EULER, 12).withDiffusion(form, 0.5));
        Stream<SamplerConfig> lastSteps = Arrays.stream(LastStep.values())
                .map(step -> SdeConfig.of(SdeSolver.EULER, 12).withLastStep(step));
        return Stream.of(odes, sdes, forms, lastSteps).flatMap(s -> s).distinct();
    }

    @ParameterizedTest
    @MethodSource("samplers")
    void everySamplerGivesThePictureOfItsSeedWhateverTheBatch(SamplerConfig sampler) {
        GenerationSettings settings = TinyNetwork.settings(sampler, GUIDED, TinyNetwork.MANY);
        List<ImageRequest> requests = requests(16);

        List<float[]> together = images(requests, settings, 16);

        assertThat(together.get(0)).doesNotContain(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
        assertThat(greatestDifference(together.subList(0, 1), together.subList(3, 4)))
                .as("seeds 0 and 1 of a class")
                .isGreaterThan(0.1);
        double rounding = sampler.isAdaptive() ? 5 * OdeConfig.DEFAULT_RTOL : 1e-4;
        assertThat(greatestDifference(images(requests, settings, 3), together)).isLessThan(rounding);
        assertThat(greatestDifference(images(requests.subList(0, 2), settings, 1), together.subList(0, 2)))
                .isLessThan(rounding);
    }

    @Test
    void theNumberOfThreadsDoesNotMatter() {
        GenerationSettings settings = TinyNetwork.settings(MIDPOINT, GUIDED, TinyNetwork.MANY);

        Engine.start(1);
        List<float[]> one = images(requests(6), settings, 6);
        Engine.start(3);
        List<float[]> three = images(requests(6), settings, 6);

        assertThat(greatestDifference(one, three)).isLessThan(1e-4);
    }

    @Test
    void classSeedAndEverySettingMatter() {
        GenerationSettings base = TinyNetwork.settings(MIDPOINT, GUIDED, TinyNetwork.MANY);
        List<float[]> reference = images(List.of(new ImageRequest(1, 5)), base, 1);
        List<GenerationSettings> others = List.of(
                TinyNetwork.settings(OdeConfig.of(OdeSolver.MIDPOINT, 7), GUIDED, TinyNetwork.MANY),
                TinyNetwork.settings(OdeConfig.of(OdeSolver.HEUN, 6), GUIDED, TinyNetwork.MANY),
                TinyNetwork.settings(SdeConfig.of(SdeSolver.EULER, 6), GUIDED, TinyNetwork.MANY),
                TinyNetwork.settings(MIDPOINT, Guidance.NONE, TinyNetwork.MANY),
                TinyNetwork.settings(MIDPOINT, new Guidance(2.5, 0, 0.3, 0.7), TinyNetwork.MANY),
                TinyNetwork.settings(MIDPOINT, GUIDED, TinyNetwork.FEW),
                TinyNetwork.settings(MIDPOINT, GUIDED, MediatorCount.FULL));

        for (GenerationSettings other : others) {
            assertThat(greatestDifference(images(List.of(new ImageRequest(1, 5)), other, 1), reference))
                    .as(other.toString())
                    .isGreaterThan(1e-4);
        }
        assertThat(greatestDifference(images(List.of(new ImageRequest(2, 5)), base, 1), reference))
                .isGreaterThan(1e-3);
        assertThat(greatestDifference(images(List.of(new ImageRequest(1, -5)), base, 1), reference))
                .isGreaterThan(0.1);
    }

    @Test
    void guidanceMayLeaveChannelsAlone() {
        RecordingCodec colours = new RecordingCodec();
        try (ImageGenerator colour = new ImageGenerator(
                TinyNetwork.create(TinyNetwork.config(3)), TinyNetwork.CLASSES, Transport.LINEAR_VELOCITY, colours)) {
            SamplerConfig oneStep = OdeConfig.of(OdeSolver.EULER, 2);
            for (int channels : new int[] {0, 3, 2}) {
                Guidance guidance = new Guidance(3, channels, 0, 1);
                colour.generate(
                        requests(1),
                        colour.plan(TinyNetwork.settings(oneStep, guidance, TinyNetwork.MANY)),
                        GenerationObserver.NONE);
            }
            colour.generate(
                    requests(1),
                    colour.plan(TinyNetwork.settings(oneStep, Guidance.NONE, TinyNetwork.MANY)),
                    GenerationObserver.NONE);
        }
        List<float[]> all = colours.images();
        float[] plain = all.get(3);
        int plane = 64;

        assertThat(all.get(1)).as("3 of 3 channels is all").isEqualTo(all.get(0));
        assertThat(Arrays.copyOf(all.get(2), 2 * plane)).isEqualTo(Arrays.copyOf(all.get(0), 2 * plane));
        assertThat(greatestDifference(
                        List.of(Arrays.copyOfRange(all.get(2), 2 * plane, 3 * plane)),
                        List.of(Arrays.copyOfRange(plain, 2 * plane, 3 * plane))))
                .isLessThan(1e-5);
        assertThat(greatestDifference(List.of(all.get(0)), List.of(plain))).isGreaterThan(0.01);
    }

    @Test
    void evaluationsAreThosePlannedAndTwiceAsManyWithGuidance() {
        List<SamplerConfig> planned = samplers()
                .filter(sampler -> sampler.plannedEvaluations().isPresent())
                .toList();
        assertThat(planned).hasSizeGreaterThan(12);
        for (SamplerConfig sampler : planned) {
            long perImage = sampler.plannedEvaluations().getAsLong();

            assertThat(evaluations(sampler, Guidance.NONE))
                    .as(sampler.summary())
                    .isEqualTo(3 * perImage);
            assertThat(evaluations(sampler, GUIDED)).as(sampler.summary()).isEqualTo(3 * 2 * perImage);
        }
        assertThat(evaluations(MIDPOINT, Guidance.NONE))
                .as("midpoint, 6 points")
                .isEqualTo(3 * 2 * 5);
    }

    @Test
    void outsideOfTheGuidanceIntervalAnEvaluationCostsOnePass() {
        SamplerConfig sampler = OdeConfig.of(OdeSolver.EULER, 11); // evaluates at 0, 0.1, … 0.9

        assertThat(evaluations(sampler, new Guidance(2, 0, 0.25, 0.65)))
                .as("guided at 0.3, 0.4, 0.5 and 0.6")
                .isEqualTo(3 * (10 + 4));
    }

    @Test
    void costIsEvaluationsTimesThatOfTheAttentionUsed() {
        for (MediatorCount count : generator.config().mediators()) {
            Spent spent = generator
                    .generate(
                            requests(2),
                            generator.plan(TinyNetwork.settings(MIDPOINT, GUIDED, count)),
                            GenerationObserver.NONE)
                    .spent();
            MediatorCount costliest = FlopCount.costliest(generator.config());

            assertThat(spent.evaluations()).isEqualTo(2 * 2 * 10);
            assertThat(spent.gflops())
                    .isCloseTo(40 * FlopCount.forward(generator.config(), count) / 1e9, within(1e-12));
            assertThat(spent.gflopsFull())
                    .isCloseTo(40 * FlopCount.forward(generator.config(), costliest) / 1e9, within(1e-12));
        }
    }

    @Test
    void theObserverHearsEveryStepAndItsCost() {
        List<Long> evaluations = new ArrayList<>();

        Spent spent = generator
                .generate(
                        requests(2),
                        generator.plan(TinyNetwork.settings(MIDPOINT, GUIDED, TinyNetwork.MANY)),
                        (step, soFar) -> {
                            assertThat(step.index()).isEqualTo(evaluations.size());
                            evaluations.add(soFar.evaluations());
                        })
                .spent();

        assertThat(evaluations).containsExactly(8L, 16L, 24L, 32L, 40L);
        assertThat(spent.evaluations()).isEqualTo(40);
    }

    @Test
    void whatTheObserverThrowsEndsTheGeneration() {
        GenerationSettings settings = TinyNetwork.settings(MIDPOINT, GUIDED, TinyNetwork.MANY);

        assertThatThrownBy(() -> generator.generate(requests(1), generator.plan(settings), (step, soFar) -> {
                    throw new CancellationException("enough");
                }))
                .isInstanceOf(CancellationException.class);
        assertThat(codec.images()).isEmpty();
    }

    @Test
    void whatTheNetworkCannotDoIsRefusedBeforeItRuns() {
        assertRefused(
                MIDPOINT,
                GUIDED,
                new MediatorCount(9),
                "the schedule has the mediator count 9, the network serves [4, 16, full]");
        assertRefused(
                MIDPOINT, new Guidance(2, 2, 0, 1), TinyNetwork.MANY, "guidance channels is 2, the network has 1");
        assertRefused(
                new SdeConfig(SdeSolver.EULER, DiffusionForm.SBDM, 1, LastStep.MEAN, 0.9995, 10),
                GUIDED,
                TinyNetwork.MANY,
                "the last step has size 0.9995, allowed is less than 0.999 on this path, so that steps remain before it");
        GenerationSettings settings = TinyNetwork.settings(MIDPOINT, GUIDED, TinyNetwork.MANY);
        assertThatThrownBy(() -> generator.generate(
                        List.of(new ImageRequest(4, 0)), generator.plan(settings), GenerationObserver.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("class is 4, allowed are 0 to 2 and 3 for none");
        assertThatThrownBy(() -> generator.generate(List.of(), generator.plan(settings), GenerationObserver.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no picture is asked for");
    }

    @Test
    void picturesWithoutAClassCanBeMade() {
        GenerationSettings settings = TinyNetwork.settings(MIDPOINT, Guidance.NONE, TinyNetwork.MANY);

        assertThat(images(List.of(new ImageRequest(3, 0)), settings, 1)).hasSize(1);
    }

    private void assertRefused(SamplerConfig sampler, Guidance guidance, MediatorCount mediators, String message) {
        GenerationSettings settings = TinyNetwork.settings(sampler, guidance, mediators);

        assertThatThrownBy(() -> generator.plan(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> generator.generate(requests(1), generator.plan(settings), GenerationObserver.NONE))
                .hasMessage(message);
    }

    private long evaluations(SamplerConfig sampler, Guidance guidance) {
        return generator
                .generate(
                        requests(3),
                        generator.plan(TinyNetwork.settings(sampler, guidance, TinyNetwork.MANY)),
                        GenerationObserver.NONE)
                .spent()
                .evaluations();
    }

    /** Makes pictures in batches, and returns them before they are rounded. */
    private List<float[]> images(List<ImageRequest> requests, GenerationSettings settings, int batch) {
        int before = codec.images().size();
        for (int first = 0; first < requests.size(); first += batch) {
            generator.generate(
                    requests.subList(first, Math.min(first + batch, requests.size())),
                    generator.plan(settings),
                    GenerationObserver.NONE);
        }
        return List.copyOf(codec.images().subList(before, codec.images().size()));
    }

    /** Classes 0, 1, 2, 0, … with seeds 0, 0, 0, 1, … */
    private static List<ImageRequest> requests(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new ImageRequest(i % 3, i / 3))
                .toList();
    }

    private static double greatestDifference(List<float[]> a, List<float[]> b) {
        assertThat(a).hasSameSizeAs(b);
        double greatest = 0;
        for (int i = 0; i < a.size(); i++) {
            for (int p = 0; p < a.get(i).length; p++) {
                greatest = Math.max(greatest, Math.abs(a.get(i)[p] - b.get(i)[p]));
            }
        }
        return greatest;
    }
}
