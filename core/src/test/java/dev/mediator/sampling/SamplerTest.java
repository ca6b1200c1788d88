package dev.mediator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.LossWeighting;
import dev.mediator.transport.Network;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerTest {
    /** Nothing special: nonlinear, depends on time, label and position. */
    private static final Network WAVY = (xt, t, y) -> xt.mul(new Scalar(3))
            .add(t.reshape(-1, 1, 1, 1), new Scalar(5))
            .add(Tensors.to(y, DType.F32).reshape(-1, 1, 1, 1))
            .sin();

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    static Stream<SamplerConfig> configs() {
        List<SamplerConfig> configs = new ArrayList<>();
        for (OdeSolver solver : OdeSolver.values()) {
            configs.add(OdeConfig.of(solver, 7));
        }
        for (SdeSolver solver : SdeSolver.values()) {
            for (LastStep lastStep : LastStep.values()) {
                configs.add(SdeConfig.of(solver, 7).withLastStep(lastStep));
            }
        }
        return configs.stream();
    }

    @ParameterizedTest
    @MethodSource("configs")
    void theObserverSeesEveryStepAndTheCostIsAsPlanned(SamplerConfig config) {
        try (Scope scope = Scope.open()) {
            int[] calls = {0};
            Network counting = (xt, t, y) -> {
                calls[0]++;
                return WAVY.predict(xt, t, y);
            };
            int[] steps = {0};
            double[] t = {0};
            long[] seen = {0};
            double[] end = {0};
            Sampler.Result result = run(config, counting, 0, 2, step -> {
                assertThat(step.index()).isEqualTo(steps[0]++);
                assertThat(step.plannedSteps()).isEqualTo(config.plannedSteps().orElse(-1));
                assertThat(step.evaluations()).isGreaterThan(seen[0]);
                seen[0] = step.evaluations();
                if (step.isClosing()
                        || !(config instanceof OdeConfig ode && ode.solver().isAdaptive())) {
                    assertThat(step.t().get(1)).isCloseTo(t[0], within(1e-12));
                    assertThat(step.estimate().t()).isEqualTo(step.t());
                } else if (step.dt().get(1) > 0) {
                    assertThat(step.estimate().t().get(1))
                            .isEqualTo(step.t().get(1) + step.dt().get(1));
                }
                t[0] = step.t().get(1) + step.dt().get(1);
                assertThat(Tensors.isFinite(step.estimate().denoised())).isTrue();
                end[0] = Tensors.maxAbs(step.state());
            });
            assertThat(result.evaluations()).isEqualTo(calls[0]).isEqualTo(seen[0]);
            assertThat(config.plannedEvaluations().orElse(calls[0])).isEqualTo(calls[0]);
            assertThat(config.plannedSteps().orElse(steps[0])).isEqualTo(steps[0]);
            assertThat(t[0]).isCloseTo(config.summary().contains("last step none") ? 0.999 : 1, within(1e-12));
            assertThat(Tensors.maxAbs(result.x())).isEqualTo(end[0]);
        }
    }

    /** The same bits, for every sampler: samples 3 and 4 of a seed, within a batch and alone. */
    @ParameterizedTest
    @MethodSource("configs")
    void aSampleDoesNotDependOnItsBatch(SamplerConfig config) {
        try (Scope scope = Scope.open()) {
            Tensor together = run(config, WAVY, 1, 5, StepObserver.NONE).x();
            for (int i = 3; i < 5; i++) {
                Tensor alone = run(config, WAVY, i, 1, StepObserver.NONE).x();
                assertThat(Tensors.floats(alone.select(0, 0)))
                        .containsExactly(Tensors.floats(together.select(0, i - 1)));
            }
        }
    }

    /** Every path, prediction, solver, diffusion and last step. */
    @ParameterizedTest
    @MethodSource("configs")
    void noCombinationGivesNanWithDefaultEps(SamplerConfig config) {
        try (Scope scope = Scope.open()) {
            for (InterpolantPath path : InterpolantPath.values()) {
                for (Prediction prediction : Prediction.values()) {
                    Transport transport = Transport.of(path, prediction);
                    Network network = new GaussianData(0.3, 0.8).network(transport);
                    for (SamplerConfig variant : diffusions(config)) {
                        NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(1, 0, 1);
                        Tensor x = new Sampler(transport, variant)
                                .run(network, noise.start(1, 2, 2), labels(0, 1), noise, StepObserver.NONE)
                                .x();
                        assertThat(Tensors.isFinite(x)).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void withoutEpsTheFirstInfinityIsReported() {
        Transport transport = new Transport(InterpolantPath.LINEAR, Prediction.VELOCITY, LossWeighting.NONE, null, 0.0);
        try (Scope scope = Scope.open()) {
            NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(1, 0, 1);
            Tensor x0 = noise.start(1, 2, 2);
            Sampler singularStart =
                    new Sampler(transport, SdeConfig.of(SdeSolver.EULER, 7).withDiffusion(DiffusionForm.SBDM, 1));
            assertThatThrownBy(() -> singularStart.run(WAVY, x0, labels(0, 1), noise, StepObserver.NONE))
                    .isInstanceOf(SamplingException.class)
                    .hasMessage("the state is not finite after step 1 of 7, from t = 0.0 to 0.16, with SDE euler, 7 "
                            + "points, diffusion sbdm of norm 1.0, last step mean of size 0.04 on path linear, "
                            + "prediction velocity, sample eps 0.0");
            Sampler singularEnd =
                    new Sampler(transport, SdeConfig.of(SdeSolver.HEUN, 7).withLastStep(LastStep.NONE));
            assertThatThrownBy(() -> singularEnd.run(WAVY, x0, labels(0, 1), noise, StepObserver.NONE))
                    .isInstanceOf(SamplingException.class)
                    .hasMessageStartingWith("the state is not finite after step 6 of 6, from t = ");
        }
    }

    @Test
    void anObserverMayEndARun() {
        try (Scope scope = Scope.open()) {
            int[] seen = {0};
            StepObserver cancelling = step -> {
                seen[0]++;
                if (step.index() == 2) {
                    throw new CancellationException("enough");
                }
            };
            for (SamplerConfig config : configs().toList()) {
                seen[0] = 0;
                assertThatThrownBy(() -> run(config, WAVY, 0, 2, StepObserver.NONE.andThen(cancelling)))
                        .isInstanceOf(CancellationException.class);
                assertThat(seen[0]).isEqualTo(3);
            }
            Tensor parameter = Tensors.full(1, 1).requires_grad_(true);
            assertThat(parameter.square().requires_grad()).isTrue(); // the run had switched gradients off
        }
    }

    @Test
    void aNetworkMayChangeBetweenSteps() {
        try (Scope scope = Scope.open()) {
            double[] velocity = {1};
            Network changing = (xt, t, y) -> xt.mul(new Scalar(0)).add(new Scalar(velocity[0]));
            NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(1, 0, 1);
            Sampler.Result result = new Sampler(Transport.LINEAR_VELOCITY, OdeConfig.of(OdeSolver.EULER, 5))
                    .run(changing, Tensors.zeros(DType.F32, 1, 1, 1, 1), labels(0, 1), noise, step -> velocity[0]++);
            assertThat(Tensors.scalar(result.x())).isEqualTo((1 + 2 + 3 + 4) / 4.0);
        }
    }

    /** A network that hands back its input, or a tensor that it keeps, must not have it freed. */
    @Test
    void tensorsOfNetworkAndCallerStayAlive() {
        try (Scope scope = Scope.open()) {
            Tensor kept = Tensors.full(0.5, 2, 1, 2, 2);
            NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(1, 0, 2);
            Tensor x0 = noise.start(1, 2, 2);
            float[] before = Tensors.floats(x0);
            for (SamplerConfig config : configs().toList()) {
                Sampler sampler = new Sampler(Transport.LINEAR_VELOCITY, config);
                sampler.run((xt, t, y) -> xt, x0, labels(0, 2), noise, StepObserver.NONE);
                sampler.run((xt, t, y) -> kept, x0, labels(0, 2), noise, StepObserver.NONE);
            }
            assertThat(Tensors.floats(x0)).containsExactly(before);
            assertThat(Tensors.floats(kept)).containsOnly(0.5f);
        }
    }

    @Test
    void wrongShapesAndDirectionsAreRefused() {
        try (Scope scope = Scope.open()) {
            Sampler sde = new Sampler(Transport.LINEAR_VELOCITY, SdeConfig.DEFAULT);
            Tensor x = Tensors.zeros(DType.F32, 2, 1, 2, 2);
            assertThatThrownBy(() -> sde.reverse(WAVY, x, labels(0, 2), StepObserver.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("allowed is an ODE");
            assertThatThrownBy(() -> sde.run(WAVY, x, labels(0, 3), (i, like) -> like, StepObserver.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("y has shape [3], expected is [2]");
        }
    }

    private static List<SamplerConfig> diffusions(SamplerConfig config) {
        if (!(config instanceof SdeConfig sde)) {
            return List.of(config);
        }
        return Stream.of(DiffusionForm.values())
                .map(form -> (SamplerConfig) sde.withDiffusion(form, 1))
                .toList();
    }

    /** Samples {@code first} and so on of one seed, each labelled by its number. */
    private static Sampler.Result run(
            SamplerConfig config, Network network, int first, int batch, StepObserver observer) {
        NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(123, first, batch);
        return new Sampler(Transport.LINEAR_VELOCITY, config)
                .run(network, noise.start(2, 3, 3), labels(first, batch), noise, observer);
    }

    private static Tensor labels(long first, int batch) {
        return Tensors.of(LongStream.range(first, first + batch).toArray(), batch);
    }
}
