package dev.mediator.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.PixelCodec;
import dev.mediator.model.FlopCount;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StageTrace;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Pictures made through schedules, with an elastic network and with one network for each stage. */
class ScheduledGenerationTest {
    private static final Guidance GUIDED = new Guidance(2.5, 0, 0.1, 0.9);
    private static final SamplerConfig SDE = SdeConfig.of(SdeSolver.EULER, 24);
    private static final String SWITCHING = "threshold:4,16,full@0.95,0.75;denoised";

    @TempDir
    private Path folder;

    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    @AfterAll
    static void allThreads() {
        Engine.start(Engine.physicalCores());
    }

    @ParameterizedTest
    @MethodSource("dev.mediator.generation.ImageGeneratorTest#samplers")
    void sixteenInABatchAreSixteenRunsOfOne(SamplerConfig sampler) {
        GenerationSettings settings = settings(sampler, SWITCHING);
        RecordingCodec codec = new RecordingCodec();
        try (ImageGenerator generator = new ImageGenerator(
                TinyNetwork.create(TinyNetwork.config(1)), TinyNetwork.CLASSES, Transport.LINEAR_VELOCITY, codec)) {
            List<StageTrace> together = generator
                    .generate(requests(16), generator.plan(settings), GenerationObserver.NONE)
                    .traces();
            List<StageTrace> alone = new ArrayList<>();
            for (ImageRequest request : requests(16)) {
                alone.addAll(generator
                        .generate(List.of(request), generator.plan(settings), GenerationObserver.NONE)
                        .traces());
            }

            int otherwise = 0; // rounding may choose another step where steps are chosen, and then another stage
            for (int i = 0; i < 16; i++) {
                otherwise += alone.get(i).macs() == together.get(i).macs() ? 0 : 1;
                if (!sampler.isAdaptive()) {
                    assertThat(alone.get(i).stages()).isEqualTo(together.get(i).stages());
                }
                for (int p = 0; p < 64; p++) {
                    assertThat(codec.images().get(16 + i)[p])
                            .isCloseTo(codec.images().get(i)[p], within(sampler.isAdaptive() ? 0.1f : 1e-4f));
                }
            }
            assertThat(otherwise).isLessThanOrEqualTo(sampler.isAdaptive() ? 4 : 0);
        }
    }

    @Test
    void picturesOfABatchGoThroughStagesOfTheirOwn() {
        try (ImageGenerator generator = generator()) {
            Generation made =
                    generator.generate(requests(16), generator.plan(settings(SDE, SWITCHING)), GenerationObserver.NONE);

            assertThat(made.traces().stream().map(StageTrace::switchSteps).distinct())
                    .hasSizeGreaterThan(2);
            assertThat(made.traces()).hasSize(16).allMatch(trace -> trace.steps() == 24);
            assertThat(made.spent().evaluations())
                    .isEqualTo(made.traces().stream()
                            .mapToLong(StageTrace::evaluations)
                            .sum());
            assertThat(made.spent().gflops())
                    .isCloseTo(
                            made.traces().stream()
                                    .mapToDouble(StageTrace::gflops)
                                    .sum(),
                            within(1e-12))
                    .isLessThan(made.spent().gflopsFull());
        }
    }

    @Test
    void aBudgetIsSpentAndNotMore() {
        try (ImageGenerator generator = generator()) {
            SitConfig config = generator.config();
            double cheapest = (double) FlopCount.forward(config, TinyNetwork.FEW)
                    / FlopCount.forward(config, FlopCount.costliest(config));
            for (double share : new double[] {cheapest, 0.95, 1}) {
                Spent spent = generator
                        .generate(
                                requests(3), generator.plan(settings(SDE, "budget:" + share)), GenerationObserver.NONE)
                        .spent();

                assertThat(spent.gflops() / spent.gflopsFull()).isCloseTo(share, within(0.02 * share));
            }
            assertThatThrownBy(() -> generator.plan(settings(SDE, "budget:0.5")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching(
                            "the budget is 0\\.5, allowed with the counts \\[.*\\] of this network are 0\\.\\d+ to 1");
            assertThatThrownBy(() -> generator.plan(settings(OdeConfig.of(OdeSolver.DOPRI5, 2), "budget:0.95")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("whose cost is only known afterwards");
        }
    }

    @Test
    void twoThreadsMayFollowTwoSchedules() {
        List<String> schedules = List.of(SWITCHING, "fixed:full@0.5,4");
        List<Generation> expected = schedules.stream().map(this::make).toList();

        List<CompletableFuture<Generation>> running = schedules.stream()
                .map(schedule -> CompletableFuture.supplyAsync(() -> make(schedule)))
                .toList();

        for (int i = 0; i < 2; i++) {
            Generation made = running.get(i).join();
            assertThat(made.latents())
                    .usingRecursiveComparison()
                    .isEqualTo(expected.get(i).latents());
            assertThat(made.pictures()).isEqualTo(expected.get(i).pictures());
            assertThat(made.traces()).isEqualTo(expected.get(i).traces());
        }
    }

    private Generation make(String schedule) {
        try (ImageGenerator generator = generator()) {
            return generator.generate(requests(6), generator.plan(settings(SDE, schedule)), GenerationObserver.NONE);
        }
    }

    /** The paper's way: the same schedule over checkpoints of one count each that hold the elastic network's weights. */
    @Test
    void aCheckpointForEachStageDoesWhatTheElasticOneDoes() throws IOException {
        Path elastic = TinyNetwork.save(folder.resolve("elastic"));
        List<Path> each = List.of(single(TinyNetwork.FEW), single(TinyNetwork.MANY));
        GenerationSettings settings = settings(SDE, "threshold:4,16@0.9;denoised");
        try (ImageGenerator one = ImageGenerator.open(elastic, Weights.EMA, DType.F32);
                ImageGenerator several = ImageGenerator.open(each, Weights.EMA, Placement.cpu(DType.F32))) {
            Generation expected = one.generate(requests(8), one.plan(settings), GenerationObserver.NONE);
            Generation made = several.generate(requests(8), several.plan(settings), GenerationObserver.NONE);

            assertThat(made.pictures()).isEqualTo(expected.pictures());
            assertThat(made.traces()).hasSize(8).allSatisfy(trace -> assertThat(trace.switchSteps())
                    .isEqualTo(
                            expected.traces().get(made.traces().indexOf(trace)).switchSteps()));
            assertThat(made.traces().stream().map(StageTrace::switchSteps).distinct())
                    .hasSizeGreaterThan(1);
            assertThat(several.largestMediators()).isEqualTo(TinyNetwork.MANY);
            assertThatThrownBy(() -> several.plan(settings(SDE, "static:full")))
                    .hasMessage("the schedule has the mediator count full, the network serves [4, 16]");
        }
    }

    @Test
    void checkpointsThatDoNotGoTogetherAreRefused() throws IOException {
        Path few = single(TinyNetwork.FEW);
        Path curved = TinyNetwork.save(
                folder.resolve("curved"),
                config(TinyNetwork.MANY),
                Transport.of(InterpolantPath.GVP, Prediction.VELOCITY));
        Path colour = TinyNetwork.save(
                folder.resolve("colour"),
                new SitConfig(8, 2, 3, 16, 1, 2, 4, 3, false, List.of(TinyNetwork.MANY), null),
                Transport.LINEAR_VELOCITY);

        assertRefused(IllegalArgumentException.class, "differ in their transport", few, curved);
        assertRefused(IllegalArgumentException.class, "have the inChannels 1 and 3", few, colour);
        assertRefused(IllegalArgumentException.class, "the mediator count 4 is served by two networks", few, few);
        assertRefused(IllegalArgumentException.class, "no checkpoint is named");
        assertRefused(IOException.class, "does not exist", few, folder.resolve("none"));
    }

    private static void assertRefused(Class<?> kind, String reason, Path... files) {
        assertThatThrownBy(() -> ImageGenerator.open(List.of(files), Weights.EMA, Placement.cpu(DType.F32))
                        .close())
                .isInstanceOf(kind)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }

    private static SitConfig config(MediatorCount count) {
        return new SitConfig(8, 2, 1, 16, 1, 2, 4, TinyNetwork.CLASSES.size(), false, List.of(count), null);
    }

    /** A checkpoint of one count with the weights of the elastic network. */
    private Path single(MediatorCount count) throws IOException {
        Path file = folder.resolve("only-" + count);
        JsonMapper json = new JsonMapper();
        try (Sit sit = TinyNetwork.create(TinyNetwork.config(1))) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            sit.parameters().forEach((name, tensor) -> {
                String single = name.replace("mediators." + count + ".", "");
                if (!single.contains("mediators.")) {
                    tensors.put(single, tensor);
                }
            });
            new SitCheckpoint(
                            config(count),
                            TinyNetwork.CLASSES,
                            json.valueToTree(Transport.LINEAR_VELOCITY),
                            json.createObjectNode())
                    .save(file, tensors, sit.positions(), DType.F32);
        }
        return file;
    }

    private static ImageGenerator generator() {
        return new ImageGenerator(
                TinyNetwork.create(TinyNetwork.config(1)),
                TinyNetwork.CLASSES,
                Transport.LINEAR_VELOCITY,
                new PixelCodec());
    }

    private static GenerationSettings settings(SamplerConfig sampler, String schedule) {
        return new GenerationSettings(sampler, GUIDED, Schedule.parse(schedule));
    }

    private static List<ImageRequest> requests(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new ImageRequest(i % 3, i / 3))
                .toList();
    }
}
