package dev.mediator.stepwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.model.Guidance;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitPreset;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A share of the cost of the costliest run, met on whole steps. */
class BudgetScheduleTest {
    private static final Guidance PARTLY = new Guidance(2, 0, 0.15, 0.62);
    private static final SamplerConfig SDE = SdeConfig.DEFAULT;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    static Stream<Arguments> plans() {
        // 1024 px: the cheapest count costs 0.38 of full attention, so that a step weighs much
        StageCosts large = StageCosts.of(elastic(128));
        StageCosts small = StageCosts.of(elastic(32));
        StageCosts two = new StageCosts(Map.of(new MediatorCount(4), 60L, MediatorCount.FULL, 100L));
        return Stream.of(large, small, two).flatMap(costs -> Stream.of(
                        SDE,
                        SdeConfig.of(SdeSolver.HEUN, 40),
                        SdeConfig.of(SdeSolver.EULER, 60).withLastStep(LastStep.NONE),
                        OdeConfig.of(OdeSolver.EULER, 100),
                        OdeConfig.of(OdeSolver.HEUN, 50),
                        OdeConfig.of(OdeSolver.HEUN, 26),
                        OdeConfig.of(OdeSolver.RK4, 32))
                .flatMap(sampler -> Stream.of(Guidance.NONE, new Guidance(2, 0, 0, 1), PARTLY)
                        .map(guidance -> Arguments.of(costs, sampler, guidance))));
    }

    @ParameterizedTest
    @MethodSource("plans")
    void everyBudgetIsMetWithinTwoPercent(StageCosts costs, SamplerConfig sampler, Guidance guidance) {
        RunSetup plan = new RunSetup(sampler, guidance, Transport.LINEAR_VELOCITY, costs);
        double cheapest = (double) costs.of(costs.counts().get(0)) / costs.costliest();

        int tried = 0;
        for (double share = cheapest; share <= 1; share += 0.009) {
            FixedSchedule schedule = new BudgetSchedule(share).resolve(plan);
            double found = (double) RunPlan.of(plan, schedule).cost().least() / full(plan);
            assertThat(found).as(schedule.toString()).isCloseTo(share, within(0.02 * share));
            assertThat(costsOf(schedule, costs)).as(schedule.toString()).isSortedAccordingTo(Comparator.reverseOrder());
            tried++;
        }
        assertThat(tried).isGreaterThan(5);
        assertThat(RunPlan.of(plan, new BudgetSchedule(1)).cost().least()).isEqualTo(full(plan));
    }

    @Test
    void withThePresetOfTheProgramToo() {
        StageCosts costs = StageCosts.of(elastic(32));
        RunSetup plan = new RunSetup(
                OdeConfig.of(OdeSolver.HEUN, 16), new Guidance(2.5, 0, 0, 1), Transport.LINEAR_VELOCITY, costs);

        for (double share = 0.91; share <= 1; share += 0.01) {
            assertThat((double) RunPlan.of(plan, new BudgetSchedule(share))
                                    .cost()
                                    .least()
                            / full(plan))
                    .isCloseTo(share, within(0.004));
        }
    }

    @Test
    void theCostliestServesFirstAndAllServeInBetween() {
        RunSetup plan = new RunSetup(
                SDE,
                Guidance.NONE,
                Transport.LINEAR_VELOCITY,
                new StageCosts(
                        Map.of(new MediatorCount(4), 40L, new MediatorCount(16), 60L, MediatorCount.FULL, 100L)));

        assertThat(new BudgetSchedule(0.4).resolve(plan)).hasToString("fixed:4");
        assertThat(new BudgetSchedule(0.6667).resolve(plan)).hasToString("fixed:full@0.33,16@0.668,4");
        assertThat(new BudgetSchedule(0.5).resolve(plan).counts()).hasSize(3);
        assertThat(new BudgetSchedule(1).resolve(plan)).hasToString("fixed:full");
    }

    /** What is predicted is what a run then counts, to the last multiply-add. */
    @ParameterizedTest
    @MethodSource("counted")
    void theRunCountsWhatWasPredicted(SamplerConfig sampler, Guidance guidance, Transport transport) {
        AnalyticStages networks = new AnalyticStages(40, 60, 100);
        RunSetup plan = new RunSetup(sampler, guidance, transport, networks.costs());
        for (double share : new double[] {0.45, 0.7, 0.93}) {
            Schedule schedule = new BudgetSchedule(share).resolve(plan);
            try (Scope scope = Scope.open();
                    StepwiseRun run = new StepwiseRun(RunPlan.of(plan, schedule), networks, 2)) {
                NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(1, 0, 2);
                new Sampler(transport, sampler).run(run, noise.start(1, 2, 2), Tensors.of(new long[2], 2), noise, run);

                assertThat(run.macs())
                        .isEqualTo(2 * RunPlan.of(plan, schedule).cost().least());
                assertThat(run.macsFull()).isEqualTo(2 * full(plan));
                assertThat((double) run.macs() / run.macsFull()).isCloseTo(share, within(0.02 * share));
            }
        }
    }

    static Stream<Arguments> counted() {
        List<Guidance> guidances = List.of(Guidance.NONE, PARTLY, new Guidance(3, 0, 0.2, 0.8));
        Stream<SamplerConfig> samplers = Stream.of(
                OdeConfig.of(OdeSolver.EULER, 51),
                OdeConfig.of(OdeSolver.MIDPOINT, 31),
                OdeConfig.of(OdeSolver.HEUN, 31),
                OdeConfig.of(OdeSolver.HEUN3, 31),
                OdeConfig.of(OdeSolver.RK4, 31),
                SdeConfig.of(SdeSolver.EULER, 50),
                SdeConfig.of(SdeSolver.HEUN, 31),
                SdeConfig.of(SdeSolver.EULER, 50).withLastStep(LastStep.NONE));
        return samplers.flatMap(sampler -> guidances.stream().flatMap(guidance -> Stream.of(
                        Transport.LINEAR_VELOCITY, Transport.of(InterpolantPath.GVP, Prediction.VELOCITY))
                .map(transport -> Arguments.of(sampler, guidance, transport))));
    }

    @Test
    void whatIsOutOfReachSaysWhatIsPossible() {
        StageCosts costs = new StageCosts(Map.of(new MediatorCount(4), 6124L, MediatorCount.FULL, 10000L));
        assertRefused(
                0.5,
                OdeConfig.of(OdeSolver.HEUN, 16),
                costs,
                "the budget is 0.5, allowed with the counts [4, full] of this network are 0.613 to 1");
        assertRefused(
                0.75,
                OdeConfig.of(OdeSolver.EULER, 3),
                costs,
                "the budget is 0.75, but with the 2 steps of ODE euler, 3 points the nearest possible shares are 0.6124"
                        + " and 0.8062");
        assertRefused(
                0.9,
                OdeConfig.of(OdeSolver.DOPRI5, 3),
                costs,
                "the sampler is ODE dopri5, rtol 0.001, atol 1.0E-6, error norm per-sample, whose cost is only known"
                        + " afterwards; allowed here are solvers of planned steps");
    }

    @Test
    void aNetworkOfOneCountHasOneBudget() {
        StageCosts one = new StageCosts(Map.of(MediatorCount.FULL, 7L));

        assertThat(new BudgetSchedule(1).resolve(plan(SDE, one))).hasToString("fixed:full");
        assertRefused(
                0.9, SDE, one, "the budget is 0.9, allowed with the counts [full] of this network are 1.000 to 1");
    }

    @Test
    void theCostOfAThresholdScheduleIsNotKnownBeforehand() {
        RunSetup plan = plan(SDE, StageCosts.of(elastic(32)));
        assertThat(RunPlan.of(plan, Schedule.parse("threshold:4,64@0.5;mae"))
                        .cost()
                        .isExact())
                .isFalse();
        assertThat(RunPlan.of(plan, Schedule.parse("static:64")).cost().least())
                .isEqualTo(250 * plan.costs().of(new MediatorCount(64)));
    }

    private static void assertRefused(double share, SamplerConfig sampler, StageCosts costs, String message) {
        assertThatThrownBy(() -> new BudgetSchedule(share).resolve(plan(sampler, costs)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static RunSetup plan(SamplerConfig sampler, StageCosts costs) {
        return new RunSetup(sampler, Guidance.NONE, Transport.LINEAR_VELOCITY, costs);
    }

    /** Multiply-adds when every step goes through the costliest count. */
    private static long full(RunSetup plan) {
        return Arrays.stream(plan.passes()).asLongStream().sum() * plan.costs().costliest();
    }

    private static List<Long> costsOf(FixedSchedule schedule, StageCosts costs) {
        return schedule.counts().stream().map(costs::of).toList();
    }

    /** S/2 on latents of 4 channels, with 4, 16, 64 mediators and full attention. */
    private static SitConfig elastic(int inputSize) {
        return SitPreset.config(
                "SiT-S/2",
                inputSize,
                4,
                1000,
                true,
                List.of(new MediatorCount(4), new MediatorCount(16), new MediatorCount(64), MediatorCount.FULL));
    }
}
