package dev.mediator.stepwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.Init;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Costs that are told beforehand are those of the run, counted product by product. */
class RunPlanTest {
    private static final SitConfig CONFIG = new SitConfig(
            8,
            2,
            1,
            8,
            1,
            2,
            4,
            3,
            false,
            List.of(new MediatorCount(1), new MediatorCount(4), MediatorCount.FULL),
            null);
    private static final SamplerConfig ODE = OdeConfig.of(OdeSolver.HEUN, 9);
    private static final SamplerConfig SDE = SdeConfig.of(SdeSolver.EULER, 12);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "static:4                              | 1   | 0 | 1",
                "static:full                           | 2   | 0 | 1",
                "fixed:1@0.3,4@0.6,full                | 2   | 0 | 1",
                "fixed:1@0.3,4@0.6,full                | 2   | 0.2 | 0.7",
                "budget:0.85                           | 1   | 0 | 1",
            })
    void whatDoesNotDependOnTheImageIsExact(String schedule, double guidance, double from, double to) {
        for (SamplerConfig sampler : List.of(ODE, SDE)) {
            RunSetup plan = plan(sampler, new Guidance(guidance, 0, from, to));
            RunPlan.RunCost cost = RunPlan.of(plan, Schedule.parse(schedule)).cost();

            assertThat(cost.isExact()).isTrue();
            assertThat(cost.least()).isEqualTo(counted(schedule, plan)).isLessThanOrEqualTo(cost.largest());
        }
    }

    /** Thresholds of 0 are never met, huge ones at once. */
    @ParameterizedTest
    @CsvSource({"1, 3", "2.5, 3", "2.5, 5", "1, 100"})
    void theBoundsOfThresholdsAreReached(double guidance, int window) {
        for (SamplerConfig sampler : List.of(ODE, SDE)) {
            RunSetup plan = plan(sampler, new Guidance(guidance, 0, 0, 1));
            RunPlan.RunCost cost = RunPlan.of(plan, Schedule.parse("threshold:1,4,full@0.5,0.3;window=" + window))
                    .cost();

            assertThat(cost.least()).isEqualTo(counted("threshold:1,4,full@0,0;window=" + window, plan));
            assertThat(cost.most()).isEqualTo(counted("threshold:1,4,full@1e9,1e9;window=" + window, plan));
            assertThat(cost.isExact()).isEqualTo(window == 100);
        }
    }

    /** 16 tokens: full attention costs as much as 8 mediators, and less than 16. */
    @Test
    void theLastStageNeedNotBeTheCostliest() {
        MediatorCount sixteen = new MediatorCount(16);
        SitConfig config = CONFIG.withMediators(List.of(new MediatorCount(1), sixteen, MediatorCount.FULL));
        RunSetup plan = new RunSetup(SDE, Guidance.NONE, Transport.LINEAR_VELOCITY, StageCosts.of(config));

        RunPlan.RunCost cost =
                RunPlan.of(plan, Schedule.parse("threshold:1,16,full@0.5,0.3")).cost();

        long one = plan.costs().of(new MediatorCount(1));
        assertThat(cost.passes()).isEqualTo(12);
        assertThat(cost.most()).isEqualTo(5 * one + 7 * plan.costs().of(sixteen));
        assertThat(cost.largest()).isEqualTo(12 * plan.costs().of(sixteen));
    }

    @Test
    void aSolverThatChoosesItsStepsHasNoCostBeforehand() {
        RunSetup plan = plan(OdeConfig.of(OdeSolver.DOPRI5, 2), Guidance.NONE);
        assertThatThrownBy(() -> RunPlan.of(plan, Schedule.parse("static:4")).cost())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("only known afterwards");
    }

    private static RunSetup plan(SamplerConfig sampler, Guidance guidance) {
        return new RunSetup(sampler, guidance, Transport.LINEAR_VELOCITY, StageCosts.of(CONFIG));
    }

    /** Products of one image of a batch of two. */
    private static long counted(String schedule, RunSetup plan) {
        List<RandomStream> streams = LongStream.range(0, 2)
                .mapToObj(seed -> new RandomStream(seed, 0))
                .toList();
        try (Scope scope = Scope.open();
                SitStages networks = new SitStages(new Sit(CONFIG, RunPlanTest::random));
                StepwiseRun run = new StepwiseRun(RunPlan.of(plan, Schedule.parse(schedule)), networks, 2);
                MacCounter counter = MacCounter.open()) {
            NoiseSource.Streams noise = new NoiseSource.Streams(streams);
            new Sampler(plan.transport(), plan.sampler())
                    .run(run, noise.start(1, 8, 8), Tensors.zeros(DType.I64, 2), noise, run);
            assertThat(counter.macs()).as("what the run says").isEqualTo(run.macs());
            return counter.macs() / 2;
        }
    }

    /** A fresh network predicts 0, and a state that stays has no distances to compare. */
    private static Tensor random(String name, Init init, long... shape) {
        return Scope.keepResult(() -> Ops.mul(new RandomStream(1, name.hashCode()).normalTensor(0, shape), 0.2));
    }
}
