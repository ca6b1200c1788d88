package dev.mediator.stepwise;

import static dev.mediator.stepwise.AnalyticStages.FEW;
import static dev.mediator.stepwise.AnalyticStages.MANY;
import static dev.mediator.stepwise.AnalyticStages.SOME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.model.Guidance;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.sampling.StepObserver;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a schedule is carried out: samples of different stages in one batch. */
class StepwiseRunTest {
    private static final Guidance GUIDED = new Guidance(2, 0, 0.3, 0.8);
    private static final Schedule SWITCHING = Schedule.parse("threshold:4,16,64@0.97,0.8;denoised");
    private static final SamplerConfig SDE = SdeConfig.of(SdeSolver.EULER, 30);

    private final AnalyticStages networks = new AnalyticStages();

    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    @AfterAll
    static void allThreads() {
        Engine.start(Engine.physicalCores());
    }

    /** What a run has led to. */
    private record Outcome(List<Float> x, List<StageTrace> traces, long macs) {}

    static Stream<SamplerConfig> samplers() {
        return Stream.concat(
                Arrays.stream(OdeSolver.values()).map(solver -> OdeConfig.of(solver, 20)),
                Arrays.stream(SdeSolver.values()).map(solver -> SdeConfig.of(solver, 30)));
    }

    @ParameterizedTest
    @MethodSource("samplers")
    void aSampleDoesNotDependOnTheBatchItIsIn(SamplerConfig sampler) {
        for (Schedule schedule : List.of(SWITCHING, Schedule.parse("fixed:4@0.3,16@0.6,64"))) {
            Outcome together = run(schedule, sampler, GUIDED, 0, 16);

            for (int i = 0; i < 16; i++) {
                Outcome alone = run(schedule, sampler, GUIDED, i, 1);
                assertThat(alone.traces().get(0).stages())
                        .isEqualTo(together.traces().get(i).stages());
                if (sampler.plannedSteps().isPresent()) { // else samples that have arrived wait for the others
                    assertThat(alone.traces().get(0).macs())
                            .isEqualTo(together.traces().get(i).macs());
                }
                for (int p = 0; p < 16; p++) {
                    assertThat(alone.x().get(p)).isCloseTo(together.x().get(16 * i + p), within(1e-4f));
                }
            }
            assertThat(together.traces()).allMatch(trace -> trace.stages().size() > 1);
        }
    }

    @Test
    void samplesSwitchAtDifferentSteps() {
        List<StageTrace> traces = run(SWITCHING, SDE, GUIDED, 0, 16).traces();

        assertThat(new HashSet<>(traces.stream().map(StageTrace::switchSteps).toList()))
                .hasSizeGreaterThan(3);
    }

    @Test
    void samplesOfOneStageAreEvaluatedTogetherAndGuidedPairsInOneStage() {
        run(SWITCHING, SDE, GUIDED, 0, 16);

        int evaluations = 30;
        assertThat(networks.calls()).hasSizeBetween(evaluations + 1, 3 * evaluations);
        for (AnalyticStages.Call call : networks.calls()) {
            boolean guided = GUIDED.isActive(call.times().get(0));
            int samples = call.labels().size() / (guided ? 2 : 1);
            assertThat(call.labels().subList(0, samples)).doesNotContain((long) AnalyticStages.NULL_LABEL);
            assertThat(call.labels().subList(samples, call.labels().size()))
                    .hasSize(guided ? samples : 0)
                    .allMatch(label -> label == AnalyticStages.NULL_LABEL);
        }
        assertThat(networks.calls().stream()
                        .collect(Collectors.groupingBy(call -> call.times().get(0) + " " + call.count())))
                .as("one dense call for each stage at each time")
                .allSatisfy((key, calls) -> assertThat(calls).hasSize(1));
    }

    @Test
    void allSamplesInOneStageAreOneCallInTheirOrder() {
        run(new StaticSchedule(SOME), OdeConfig.of(OdeSolver.MIDPOINT, 4), Guidance.NONE, 0, 5);

        assertThat(networks.calls()).hasSize(6).allSatisfy(call -> {
            assertThat(call.count()).isEqualTo(SOME);
            assertThat(call.labels()).containsExactly(0L, 1L, 2L, 0L, 1L);
        });
    }

    @Test
    void aStageServesWholeSteps() {
        Outcome outcome = run(
                Schedule.parse("fixed:4@0.3,64"),
                OdeConfig.of(OdeSolver.RK4, 11).withLastStep(LastStep.NONE),
                GUIDED,
                0,
                1);

        List<AnalyticStages.Call> calls = networks.calls();
        assertThat(calls).hasSize(40);
        assertThat(calls.subList(0, 12)).allMatch(call -> call.count().equals(FEW));
        assertThat(calls.subList(12, 40)).allMatch(call -> call.count().equals(MANY));
        StageTrace trace = outcome.traces().get(0);
        assertThat(trace.stages()).containsExactly(new StageTrace.Span(FEW, 3), new StageTrace.Span(MANY, 7));
        assertThat(trace.switchSteps()).containsExactly(2);
        assertThat(trace.steps()).isEqualTo(10);
        assertThat(trace.at(2)).isEqualTo(FEW);
        assertThat(trace.at(3)).isEqualTo(MANY);
        assertThatThrownBy(() -> trace.at(10)).hasMessage("step is 10, allowed are 0 to 9");
    }

    @Test
    void whatIsCountedIsWhatWasEvaluated() {
        Outcome outcome = run(SWITCHING, SDE, GUIDED, 0, 16);

        long macs = networks.calls().stream()
                .mapToLong(call -> call.labels().size() * networks.costs().of(call.count()))
                .sum();
        long passes = networks.calls().stream()
                .mapToLong(call -> call.labels().size())
                .sum();
        assertThat(outcome.macs()).isEqualTo(macs);
        assertThat(outcome.traces().stream().mapToLong(StageTrace::macs).sum()).isEqualTo(macs);
        assertThat(outcome.traces().stream().mapToLong(StageTrace::evaluations).sum())
                .isEqualTo(passes);
        assertThat(outcome.traces().stream().mapToLong(StageTrace::macsFull).sum())
                .isEqualTo(passes * 200);
    }

    /** Dormand-Prince with guidance in a part of the way: samples stand at different times, some inside, some outside. */
    @Test
    void whatIsCountedIsWhatWasEvaluatedWhereOnlySomeSamplesAreGuided() {
        Outcome outcome =
                run(new StaticSchedule(MANY), OdeConfig.of(OdeSolver.DOPRI5, 2), new Guidance(2, 0, 0.2, 0.4), 0, 6);

        long passes = networks.calls().stream()
                .mapToLong(call -> call.labels().size())
                .sum();
        assertThat(networks.calls())
                .anyMatch(call -> call.labels().size() > 6 && call.labels().size() < 12);
        assertThat(outcome.traces().stream().mapToLong(StageTrace::evaluations).sum())
                .isEqualTo(passes);
        assertThat(outcome.traces().stream().map(StageTrace::evaluations).distinct())
                .hasSizeGreaterThan(1);
    }

    /** The last slope of a step is the first of the next, so after a switch six of seven come from the new stage. */
    @Test
    void dormandPrinceSwitchesBetweenAcceptedStepsOnly() {
        List<Integer> callsAtStep = new ArrayList<>();
        Outcome outcome = run(
                Schedule.parse("threshold:4,64@0.9;mae;window=1"),
                OdeConfig.of(OdeSolver.DOPRI5, 2).withTolerances(1e-4, 1e-6),
                Guidance.NONE,
                3,
                1,
                step -> callsAtStep.add(networks.calls().size()));

        StageTrace trace = outcome.traces().get(0);
        assertThat(trace.steps()).isEqualTo(callsAtStep.size());
        assertThat(trace.switchSteps()).hasSize(1);
        int switched = callsAtStep.get(trace.switchSteps().get(0));
        List<AnalyticStages.Call> calls = networks.calls();
        assertThat(calls.subList(0, switched)).allMatch(call -> call.count().equals(FEW));
        assertThat(calls.subList(switched, calls.size()))
                .allMatch(call -> call.count().equals(MANY))
                .hasSizeGreaterThanOrEqualTo(6);
        double end = calls.get(switched - 1).times().get(0);
        assertThat(calls.get(switched).times().get(0))
                .as("the first slope of the step after the switch, at %s, is not evaluated again", end)
                .isGreaterThan(end);
    }

    @Test
    void whereTheSolverChoosesItsStepsFractionsAreOfTheTime() {
        List<Double> reached = new ArrayList<>();
        Outcome outcome = run(
                Schedule.parse("fixed:4@0.5,64"),
                OdeConfig.of(OdeSolver.DOPRI5, 2).withTolerances(1e-5, 1e-7),
                Guidance.NONE,
                0,
                1,
                step -> reached.add(step.t().get(0) + step.dt().get(0)));

        int before = (int) reached.stream().filter(t -> t < 0.48).count(); // a last step begins at 0.96
        assertThat(before).isBetween(2, reached.size() - 2);
        assertThat(outcome.traces().get(0).stages())
                .containsExactly(
                        new StageTrace.Span(FEW, before + 1), new StageTrace.Span(MANY, reached.size() - before - 1));
    }

    /** d_1 … are 8, 8, 8, 6, 4, 4, 1: after which the stages change, for thresholds that fall, rise and are equal. */
    @Test
    void theRuleOfThePaper() {
        double[] distances = {8, 8, 8, 6, 4, 4, 1};

        assertThat(switches("threshold:4,16,64@0.8,0.6;mae", distances)).containsExactly(4, 5);
        assertThat(switches("threshold:4,16,64@0.5,0.5;mae", distances))
                .as("4 is not less than 0.5 · 8")
                .containsExactly(7, 7);
        assertThat(switches("threshold:4,16,64@0.6,0.9;mae", distances)).containsExactly(5, 5);
        assertThat(switches("threshold:4,16,64@0.76,0.1;mae", distances)).containsExactly(4);
        assertThat(switches("threshold:4,16,64@0,9;mae", distances)).isEmpty();
        assertThat(switches("threshold:4,16@9;mae", distances))
                .as("the first that is compared is d_4")
                .containsExactly(4);
        assertThat(switches("threshold:4,16@9;mae;window=1", distances)).containsExactly(2);
        assertThat(switches("threshold:4,16@9;mae;window=7", distances)).isEmpty();
        assertThat(switches("threshold:4,16@0.7;mse", distances))
                .as("squares of 64, 64, 64, 36")
                .containsExactly(4);
    }

    @Test
    void aSwitchAfterTheLastStepIsNone() {
        OdeConfig euler = OdeConfig.of(OdeSolver.EULER, 7);

        StageTrace threshold = run(Schedule.parse("threshold:4,16@9;mae;window=4"), euler, Guidance.NONE, 0, 1)
                .traces()
                .get(0);
        StageTrace fixed = run(Schedule.parse("fixed:4@0.99,16"), euler, Guidance.NONE, 0, 1)
                .traces()
                .get(0);

        assertThat(threshold.distances()).hasSize(5);
        for (StageTrace trace : List.of(threshold, fixed)) {
            assertThat(trace.stages()).containsExactly(new StageTrace.Span(FEW, 6));
            assertThat(trace.switchSteps()).isEmpty();
        }
    }

    @Test
    void theDistanceBetweenDenoisedSamplesDoesNotSeeNoise() {
        StageTrace states = run(Schedule.parse("threshold:4,16@0;mae"), SDE, Guidance.NONE, 0, 1)
                .traces()
                .get(0);
        StageTrace denoised = run(Schedule.parse("threshold:4,16@0;denoised"), SDE, Guidance.NONE, 0, 1)
                .traces()
                .get(0);

        assertThat(states.distances()).hasSameSizeAs(denoised.distances()).hasSize(28);
        assertThat(denoised.distances()).isNotEqualTo(states.distances());
    }

    @Test
    void aBatchMayDecideAsOne() {
        Outcome outcome = run(Schedule.parse(SWITCHING + ";batch"), SDE, GUIDED, 0, 16);

        assertThat(outcome.traces().stream().map(StageTrace::switchSteps).distinct())
                .hasSize(1);
        assertThat(outcome.traces().stream().map(StageTrace::distances).distinct())
                .hasSize(1);
        List<StageTrace> each = run(Schedule.parse("threshold:4,16,64@0,0;denoised"), SDE, GUIDED, 0, 16)
                .traces();
        double mean = each.stream()
                .mapToDouble(trace -> trace.distances().get(0))
                .average()
                .orElseThrow();
        assertThat(outcome.traces().get(0).distances().get(0)).isCloseTo(mean, within(1e-6));
    }

    @Test
    void twoThreadsWithTwoSchedulesDoNotMix() {
        List<Schedule> schedules = List.of(SWITCHING, Schedule.parse("fixed:64@0.5,4"));
        List<Outcome> expected =
                schedules.stream().map(s -> run(s, SDE, GUIDED, 0, 8)).toList();

        for (int round = 0; round < 5; round++) {
            List<CompletableFuture<Outcome>> running = schedules.stream()
                    .map(s -> CompletableFuture.supplyAsync(() -> run(s, SDE, GUIDED, 0, 8)))
                    .toList();
            for (int i = 0; i < 2; i++) {
                Outcome outcome = running.get(i).join();
                assertThat(outcome.x()).isEqualTo(expected.get(i).x());
                assertThat(outcome.traces()).isEqualTo(expected.get(i).traces());
            }
        }
    }

    @Test
    void whatCannotRunIsRefused() {
        RunSetup plan = plan(SDE, Guidance.NONE);
        assertThatThrownBy(() -> new StepwiseRun(RunPlan.of(plan, Schedule.parse("fixed:4@0.5,full")), networks, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the schedule has the mediator count full, the network serves [4, 16, 64]");
        assertThatThrownBy(() -> Schedule.parse("threshold:4,16@0.5;mae;batch")
                        .resolve(plan(OdeConfig.of(OdeSolver.DOPRI5, 2), Guidance.NONE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whose samples step each on their own; allowed are schedules without 'batch'");
        try (Scope scope = Scope.open();
                StepwiseRun run = new StepwiseRun(RunPlan.of(plan, SWITCHING), networks, 2)) {
            Tensor three = Tensors.full(0, 3, 1, 4, 4);
            assertThatThrownBy(() -> run.predict(three, Tensors.full(0, 3), Tensors.of(new long[3], 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("xt has shape [3, 1, 4, 4]");
        }
    }

    private Outcome run(Schedule schedule, SamplerConfig sampler, Guidance guidance, int first, int batch) {
        return run(schedule, sampler, guidance, first, batch, StepObserver.NONE);
    }

    /** Samples {@code first} and following, each with a noise and a label of its own. */
    private Outcome run(
            Schedule schedule, SamplerConfig sampler, Guidance guidance, int first, int batch, StepObserver observer) {
        RunSetup plan = plan(sampler, guidance);
        try (Scope scope = Scope.open();
                StepwiseRun run = new StepwiseRun(RunPlan.of(plan, schedule), networks, batch)) {
            NoiseSource.Streams noise = new NoiseSource.Streams(LongStream.range(first, first + batch)
                    .mapToObj(i -> new RandomStream(5, i))
                    .toList());
            Tensor x0 = noise.start(1, 4, 4);
            Tensor y = Tensors.of(
                    IntStream.range(first, first + batch).mapToLong(i -> i % 3).toArray(), batch);
            Tensor x = new Sampler(plan.transport(), sampler)
                    .run(run, x0, y, noise, run.andThen(observer))
                    .x();
            List<Float> values = new ArrayList<>();
            for (float value : Tensors.floats(x)) {
                values.add(value);
            }
            return new Outcome(values, run.traces(), run.macs());
        }
    }

    private RunSetup plan(SamplerConfig sampler, Guidance guidance) {
        return new RunSetup(sampler, guidance, Transport.LINEAR_VELOCITY, networks.costs());
    }

    /** After which steps the stages change if the states are these distances apart; a last step follows them. */
    private List<Integer> switches(String schedule, double... distances) {
        RunSetup plan = plan(SdeConfig.of(SdeSolver.EULER, distances.length + 2), Guidance.NONE);
        try (Scope scope = Scope.open();
                StepwiseRun run = new StepwiseRun(RunPlan.of(plan, Schedule.parse(schedule)), networks, 1)) {
            double x = 100;
            run.onStep(step(plan, 0, x, false));
            for (int i = 0; i < distances.length; i++) {
                x += distances[i];
                run.onStep(step(plan, i + 1, x, false));
            }
            run.onStep(step(plan, distances.length + 1, x, true));
            return run.traces().get(0).switchSteps();
        }
    }

    private static SamplerStep step(RunSetup plan, int index, double x, boolean isClosing) {
        PerSample any = PerSample.uniform(1, 0.1);
        Tensor state = Tensors.full(x, 1, 1, 2, 2);
        int steps = plan.sampler().plannedSteps().orElseThrow();
        Estimate estimate = new Estimate(plan.transport(), any, state, state);
        return new SamplerStep(index, steps, any, any, state, estimate, index, isClosing);
    }
}
