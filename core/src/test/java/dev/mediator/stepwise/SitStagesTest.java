package dev.mediator.stepwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.model.FlopCount;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.process.NativeGrowth;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Transport;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Networks for the stages: one elastic network, or one for each count. */
class SitStagesTest {
    private static final MediatorCount FEW = new MediatorCount(4);
    private static final MediatorCount MANY = new MediatorCount(16);

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void severalNetworksServeTheirCountsTogether() {
        Sit few = Sit.fresh(config(8, 1, 3, FEW), 1);
        Sit rest = Sit.fresh(config(8, 1, 3, MANY, MediatorCount.FULL), 2);
        try (SitStages stages = new SitStages(List.of(few, rest))) {
            assertThat(stages.costs().macs())
                    .containsOnlyKeys(FEW, MANY, MediatorCount.FULL)
                    .containsEntry(FEW, FlopCount.forward(few.config(), FEW))
                    .containsEntry(MediatorCount.FULL, FlopCount.forward(rest.config(), MediatorCount.FULL));
            assertThat(stages.nullLabel()).isEqualTo(3);
            assertThatThrownBy(() -> stages.forward(
                            new MediatorCount(9),
                            Tensors.full(0, 1, 1, 8, 8),
                            Tensors.full(0, 1),
                            Tensors.of(new long[1], 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the schedule has the mediator count 9, the network serves [4, 16, full]");
        }
    }

    @Test
    void networksThatDoNotGoTogetherAreRefused() {
        assertRefused(
                "the mediator count 4 is served by two networks, allowed is one network for each count",
                config(8, 1, 3, FEW),
                config(8, 1, 3, MANY, FEW));
        assertRefused(
                "the networks of the stages have the inputSize 8 and 16, allowed is the same for all",
                config(8, 1, 3, FEW),
                config(16, 1, 3, MANY));
        assertRefused(
                "the networks of the stages have the inChannels 1 and 3, allowed is the same for all",
                config(8, 1, 3, FEW),
                config(8, 3, 3, MANY));
        assertRefused(
                "the networks of the stages have the numClasses 3 and 4, allowed is the same for all",
                config(8, 1, 3, FEW),
                config(8, 1, 4, MANY));
        assertThatThrownBy(() -> new SitStages(List.of())).hasMessage("no network is given for the stages");
    }

    /** A further stage must not bring further weights. */
    @Test
    void anElasticRunHoldsOneModel() throws Exception {
        assertThat(NativeGrowth.of(ElasticRun.class)).isZero();
    }

    /** Reports what a run through three stages keeps beyond what one through the costliest alone does. */
    public static final class ElasticRun {
        /** The program. */
        public static void main(String[] args) {
            Engine.start(1);
            SitConfig config =
                    new SitConfig(8, 2, 1, 256, 8, 4, 4, 3, false, List.of(FEW, MANY, MediatorCount.FULL), null);
            try (SitStages stages = new SitStages(Sit.fresh(config, 1))) {
                run(stages, "static:16");
                run(stages, "static:16");
                long before = NativeGrowth.alive();
                run(stages, "fixed:4@0.3,16@0.6,full");
                NativeGrowth.report(NativeGrowth.alive() - before);
            }
        }

        private static void run(SitStages stages, String schedule) {
            RunSetup plan = new RunSetup(
                    SdeConfig.of(SdeSolver.EULER, 20), Guidance.NONE, Transport.LINEAR_VELOCITY, stages.costs());
            try (Scope scope = Scope.open();
                    StepwiseRun run = new StepwiseRun(RunPlan.of(plan, Schedule.parse(schedule)), stages, 4)) {
                NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(0, 0, 4);
                Tensor y = Tensors.of(new long[4], 4);
                new Sampler(plan.transport(), plan.sampler()).run(run, noise.start(1, 8, 8), y, noise, run);
            }
        }
    }

    private static void assertRefused(String message, SitConfig first, SitConfig second) {
        try (Sit a = Sit.fresh(first, 1);
                Sit b = Sit.fresh(second, 2)) {
            assertThatThrownBy(() -> new SitStages(List.of(a, b)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    private static SitConfig config(int inputSize, int channels, int classes, MediatorCount... mediators) {
        return new SitConfig(inputSize, 2, channels, 16, 1, 2, 4, classes, false, List.of(mediators), null);
    }
}
