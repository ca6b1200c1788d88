package dev.mediator.stepwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.DiffusionForm;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs on a device without values, where whatever is mixed with the host's tensors or read fails. */
class RunOnDeviceTest {
    private static final Placement META = new Placement(ComputeDevice.META, DType.F32);

    @SuppressWarnings("ImmutableEnumChecker") // a sampler is a value
    private enum Run {
        EULER(OdeConfig.of(OdeSolver.EULER, 6)),
        HEUN(OdeConfig.of(OdeSolver.HEUN, 6)),
        SDE(new SdeConfig(SdeSolver.EULER, DiffusionForm.SIGMA, 1, LastStep.MEAN, 0.04, 6)),
        HEUN_SDE(new SdeConfig(SdeSolver.HEUN, DiffusionForm.SIGMA, 1, LastStep.TWEEDIE, 0.04, 6));

        private final SamplerConfig sampler;

        Run(SamplerConfig sampler) {
            this.sampler = sampler;
        }
    }

    /** v = −x, at two counts. */
    private static final class Network implements StageNetworks {
        @Override
        public Tensor forward(MediatorCount count, Tensor xt, Tensor t, Tensor y) {
            assertThat(t.is_cpu() && y.is_cpu()).isTrue();
            return Ops.mul(xt, -1);
        }

        @Override
        public StageCosts costs() {
            return new StageCosts(Map.of(new MediatorCount(4), 10L, new MediatorCount(16), 20L));
        }

        @Override
        public int nullLabel() {
            return 3;
        }
    }

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    /** The first look at a value is whether all states were finite: all steps are behind it then. */
    @ParameterizedTest
    @EnumSource
    void noStepLooksAtTheDevice(Run run) {
        Network networks = new Network();
        RunPlan plan = RunPlan.of(
                new RunSetup(run.sampler, new Guidance(2, 0, 0.3, 1), Transport.LINEAR_VELOCITY, networks.costs()),
                Schedule.parse("fixed:4@0.5,16"));
        NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(1, 0, 2);
        List<Integer> steps = new ArrayList<>();
        try (Scope scope = Scope.open();
                StepwiseRun stepwise = new StepwiseRun(plan, networks, 2)) {
            Tensor x0 = ComputeDevice.META.put(noise.start(1, 4, 4));
            Tensor y = Tensors.of(new long[] {0, 2}, 2);

            assertThat(Placement.of(x0)).isEqualTo(META);
            assertThatThrownBy(() -> new Sampler(Transport.LINEAR_VELOCITY, run.sampler)
                            .run(stepwise, x0, y, noise, stepwise.andThen(step -> {
                                assertThat(step.state().is_meta()).isTrue();
                                assertThat(step.estimate().denoised().is_meta()).isTrue();
                                steps.add(step.index());
                            })))
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("meta");
        }

        assertThat(steps).hasSize(run.sampler.plannedSteps().orElseThrow());
    }
}
