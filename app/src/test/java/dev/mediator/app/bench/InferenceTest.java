package dev.mediator.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.mediator.generation.GenerationSettings;
import dev.mediator.model.FlopCount;
import dev.mediator.model.Guidance;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.RunSetup;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StageCosts;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceTest {
    private static final int BATCH = 2;
    private static final MediatorCount FOUR = new MediatorCount(4);

    /** Latents of four channels, elastic. */
    private static final SitConfig CONFIG = new SitConfig(
            8, 2, 4, 16, 1, 2, 4, 3, false, List.of(FOUR, new MediatorCount(16), MediatorCount.FULL), null);

    static Stream<Arguments> samplers() {
        SamplerConfig sde = SdeConfig.of(SdeSolver.EULER, 5);
        return Stream.of(
                Arguments.of(sde, Guidance.NONE, 5), // with its last step
                Arguments.of(SdeConfig.of(SdeSolver.EULER, 5).withLastStep(LastStep.NONE), Guidance.NONE, 4),
                Arguments.of(SdeConfig.of(SdeSolver.HEUN, 5), Guidance.NONE, 9),
                Arguments.of(sde, new Guidance(3, 3, 0, 1), 10),
                Arguments.of(OdeConfig.of(OdeSolver.EULER, 5), new Guidance(3, 0, 0.5, 1), 6));
    }

    @ParameterizedTest
    @MethodSource("samplers")
    void imagesCostWhatTheirSamplerEvaluates(SamplerConfig sampler, Guidance guidance, int passes) throws IOException {
        Row row = image(new GenerationSettings(sampler, guidance, Schedule.parse("static:4")));

        assertThat(row.gmacs())
                .isCloseTo(1e-9 * BATCH * passes * FlopCount.forward(CONFIG, FOUR), withPercentage(0.0001));
        assertThat(row.imagesPerSecond()).isCloseTo(BATCH / row.millis() * 1e3, withPercentage(0.0001));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fixed:4@0.5,full", "budget:0.9"})
    void imagesCostWhatTheirScheduleChooses(String schedule) throws IOException {
        Schedule parsed = Schedule.parse(schedule);
        SamplerConfig sampler = OdeConfig.of(OdeSolver.HEUN, 5);

        Row row = image(new GenerationSettings(sampler, Guidance.NONE, parsed));

        RunSetup plan = new RunSetup(sampler, Guidance.NONE, Transport.LINEAR_VELOCITY, StageCosts.of(CONFIG));
        assertThat(row.gmacs())
                .isCloseTo(1e-9 * BATCH * RunPlan.of(plan, parsed).cost().least(), withPercentage(0.0001));
    }

    @Test
    void singleEvaluationsGoThroughTheirCount() throws IOException {
        Set<InferenceWork> works = EnumSet.of(InferenceWork.STEP, InferenceWork.GUIDED, InferenceWork.FORWARD);

        List<Row> rows = measure(works, MediatorCount.FULL, Guidance.NONE);

        double forward = BATCH * FlopCount.forward(CONFIG, MediatorCount.FULL) / 1e9;
        assertThat(rows).extracting(Row::work).containsExactly("forward", "guided forward", "SDE step");
        assertThat(rows).extracting(Row::gmacs).containsExactly(forward, 2 * forward, forward);
        assertThat(rows).extracting(Row::imagesPerSecond).containsOnlyNulls();
    }

    @Test
    void whatDoesNotGoWithTheNetworkIsRefusedBeforeItIsMeasured() {
        Set<InferenceWork> works = EnumSet.of(InferenceWork.FORWARD, InferenceWork.IMAGE);

        assertThatThrownBy(() -> measure(works, FOUR, new Guidance(2, 5, 0, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("guidance channels is 5, the network has 4");
    }

    private static Row image(GenerationSettings settings) throws IOException {
        return measure(EnumSet.of(InferenceWork.IMAGE), FOUR, settings).get(0);
    }

    private static List<Row> measure(Set<InferenceWork> works, MediatorCount count, Guidance guidance)
            throws IOException {
        return measure(
                works,
                count,
                new GenerationSettings(OdeConfig.of(OdeSolver.EULER, 2), guidance, Schedule.parse("static:4")));
    }

    private static List<Row> measure(Set<InferenceWork> works, MediatorCount count, GenerationSettings settings)
            throws IOException {
        Inference subject =
                new Inference(new NetworkSource.Fresh(CONFIG), Placement.cpu(DType.F32), BATCH, count, settings, works);
        List<Row> rows = Meter.measure(
                new Linear("small", 4, 8, 16, Placement.cpu(DType.F32)), List.of(subject), new Runs(1, 0), done -> {});
        return rows.subList(1, rows.size());
    }
}
