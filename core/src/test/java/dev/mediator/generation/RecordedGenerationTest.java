package dev.mediator.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.nn.StoredParameters;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StageTrace;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RerunRecorder;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures made by replaying recorded passes are those made without, bit for bit, and cost the same. */
class RecordedGenerationTest {
    private static final SamplerConfig SDE = SdeConfig.of(SdeSolver.HEUN, 16);

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
    void inEverySampler(SamplerConfig sampler) {
        String schedule = sampler.plannedSteps().isPresent() ? "fixed:4@0.4,16" : "static:16";
        RerunRecorder recorder = assertSame(sampler, schedule, new Guidance(2.5, 0, 0.2, 0.8), 5);

        // Guided and not, at two counts; where samples choose their steps, those that are not there yet.
        assertThat(recorder.recordings()).isBetween(1, sampler.isAdaptive() ? 10 : 4);
        assertThat(recorder.replays()).isGreaterThanOrEqualTo(recorder.recordings());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "static:16",
                "fixed:full@0.3,4@0.6,16",
                "budget:0.96",
                "threshold:4,16,full@0.95,0.75;denoised",
                "threshold:4,16,full@0.95,0.75;mae;batch"
            })
    void withEverySchedule(String schedule) {
        assertSame(SDE, schedule, new Guidance(2.5, 0, 0.1, 0.9), 16);
        assertSame(SDE, schedule, Guidance.NONE, 6);
    }

    /** The second batch replays what the first has recorded, and the last one is smaller. */
    @Test
    void batchAfterBatch() {
        RecordingCodec plain = new RecordingCodec();
        RecordingCodec replayed = new RecordingCodec();
        GenerationSettings settings = new GenerationSettings(
                OdeConfig.of(OdeSolver.HEUN, 8), new Guidance(2, 0, 0, 1), Schedule.parse("fixed:4@0.5,16"));
        RerunRecorder recorder = new RerunRecorder();
        try (ImageGenerator one = generator(plain);
                ImageGenerator other = generator(replayed)) {
            other.recordPasses(device -> recorder);
            for (int size : new int[] {4, 4, 4, 3}) {
                one.generate(requests(size), one.plan(settings), GenerationObserver.NONE);
                other.generate(requests(size), other.plan(settings), GenerationObserver.NONE);
            }
            assertThat(recorder.recordings()).isEqualTo(4); // two batch sizes, two counts
        }
        assertImages(replayed, plain, 15);
    }

    private static RerunRecorder assertSame(SamplerConfig sampler, String schedule, Guidance guidance, int batch) {
        RecordingCodec plain = new RecordingCodec();
        RecordingCodec replayed = new RecordingCodec();
        GenerationSettings settings = new GenerationSettings(sampler, guidance, Schedule.parse(schedule));
        RerunRecorder recorder = new RerunRecorder();
        try (ImageGenerator one = generator(plain);
                ImageGenerator other = generator(replayed)) {
            other.recordPasses(device -> recorder);
            Generation expected = one.generate(requests(batch), one.plan(settings), GenerationObserver.NONE);
            Generation made = other.generate(requests(batch), other.plan(settings), GenerationObserver.NONE);

            assertImages(replayed, plain, batch);
            assertThat(made.spent()).isEqualTo(expected.spent());
            assertThat(made.traces()).isEqualTo(expected.traces());
            assertThat(made.traces()).extracting(StageTrace::macs).isNotEmpty().doesNotContain(0L);
        }
        assertThat(recorder.isClosed()).isTrue();
        return recorder;
    }

    private static void assertImages(RecordingCodec made, RecordingCodec expected, int count) {
        assertThat(expected.images()).hasSize(count);
        for (int i = 0; i < count; i++) {
            assertThat(made.images().get(i)).containsExactly(expected.images().get(i));
        }
    }

    private static ImageGenerator generator(RecordingCodec codec) {
        try (Sit plain = TinyNetwork.create(TinyNetwork.config(1))) {
            return new ImageGenerator(
                    Sit.fixed(plain.config(), new StoredParameters(plain.parameters(), DType.F32)),
                    TinyNetwork.CLASSES,
                    Transport.LINEAR_VELOCITY,
                    codec);
        }
    }

    private static List<ImageRequest> requests(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new ImageRequest(i % 3, i / 3))
                .toList();
    }
}
