package dev.mediator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Network;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

class SamplerConfigTest {
    @Test
    void theDefaultSdeIsTheOneOfThePublishedResults() {
        SdeConfig config = SdeConfig.DEFAULT;
        assertThat(config).isEqualTo(new SdeConfig(SdeSolver.EULER, DiffusionForm.SIGMA, 1, LastStep.MEAN, 0.04, 250));
        assertThat(config.plannedSteps()).hasValue(250);
        assertThat(config.plannedEvaluations()).hasValue(250);
        assertThat(config.summary())
                .isEqualTo("SDE euler, 250 points, diffusion sigma of norm 1.0, last step mean of size 0.04");
    }

    @Test
    void costsAreKnownBeforehandExceptForAdaptiveSolvers() {
        assertThat(OdeConfig.DEFAULT.plannedEvaluations()).hasValue(8);
        OdeConfig rk4 = OdeConfig.of(OdeSolver.RK4, 11);
        assertThat(rk4.plannedEvaluations()).hasValue(41);
        assertThat(rk4.plannedSteps()).hasValue(11);
        assertThat(rk4.withLastStep(LastStep.NONE).plannedEvaluations()).hasValue(40);
        assertThat(rk4.withLastStep(LastStep.NONE).plannedSteps()).hasValue(10);
        assertThat(OdeConfig.of(OdeSolver.DOPRI5, 11).plannedEvaluations()).isEmpty();
        assertThat(OdeConfig.of(OdeSolver.DOPRI5, 11).plannedSteps()).isEmpty();
        SdeConfig heun = SdeConfig.of(SdeSolver.HEUN, 100);
        assertThat(heun.plannedEvaluations()).hasValue(199);
        assertThat(heun.withLastStep(LastStep.NONE).plannedEvaluations()).hasValue(198);
        assertThat(heun.withLastStep(LastStep.NONE).plannedSteps()).hasValue(99);
    }

    @Test
    void evaluationsArePlannedToTheirTimes() {
        List<SamplerConfig> configs = Stream.<SamplerConfig>concat(
                        Arrays.stream(OdeSolver.values())
                                .filter(solver -> !solver.isAdaptive())
                                .flatMap(solver -> Stream.of(LastStep.EULER, LastStep.TWEEDIE, LastStep.NONE)
                                        .map(last -> OdeConfig.of(solver, 6).withLastStep(last))),
                        Arrays.stream(SdeSolver.values()).flatMap(solver -> Arrays.stream(LastStep.values())
                                .map(last -> SdeConfig.of(solver, 6).withLastStep(last))))
                .toList();
        for (SamplerConfig config : configs) {
            List<Float> asked = new ArrayList<>();
            Network network = (xt, t, y) -> {
                asked.add((float) Tensors.doubles(t)[0]);
                return xt.neg();
            };
            try (Scope scope = Scope.open()) {
                NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(0, 0, 1);
                new Sampler(Transport.LINEAR_VELOCITY, config)
                        .run(network, noise.start(1, 1, 1), Tensors.of(new long[1], 1), noise, StepObserver.NONE);
            }
            List<double[]> planned =
                    config.evaluationTimes(Transport.LINEAR_VELOCITY).orElseThrow();

            assertThat(planned.stream().flatMapToDouble(Arrays::stream).mapToObj(t -> (float) t))
                    .as(config.summary())
                    .isEqualTo(asked);
            assertThat(planned).hasSize(config.plannedSteps().orElseThrow());
        }
        assertThat(OdeConfig.of(OdeSolver.DOPRI5, 6).evaluationTimes(Transport.LINEAR_VELOCITY))
                .isEmpty();
    }

    /** A network at t = 1 was hardly trained: the defaults never ask it there, and what they skip is short. */
    @ParameterizedTest
    @EnumSource
    void noSolverEvaluatesTheNetworkAtTheEnd(InterpolantPath path) {
        Stream<SamplerConfig> odes = Arrays.stream(OdeSolver.values())
                .flatMap(solver -> Stream.of(3, 6, 50).map(k -> OdeConfig.of(solver, k)));
        Stream<SamplerConfig> sdes = Arrays.stream(SdeSolver.values()).flatMap(solver -> Stream.of(LastStep.values())
                .map(last -> SdeConfig.of(solver, 9).withLastStep(last)));
        for (SamplerConfig config : Stream.concat(odes, sdes).toList()) {
            for (Prediction prediction : Prediction.values()) {
                Transport transport = Transport.of(path, prediction);
                List<Double> asked = evaluationTimes(transport, config);

                assertThat(asked)
                        .as(path + " " + prediction + " " + config.summary())
                        .allMatch(t -> t < 1);
            }
        }
    }

    @Test
    void theOldWayToTheEndCanBeAskedFor() {
        OdeConfig old = OdeConfig.of(OdeSolver.HEUN, 16).withLastStep(LastStep.NONE);

        assertThat(evaluationTimes(Transport.LINEAR_VELOCITY, old)).hasSize(30).endsWith(1.0);
        assertThat(old.summary()).isEqualTo("ODE heun, 16 points, last step none");
        assertThat(OdeConfig.of(OdeSolver.HEUN, 16).summary()).isEqualTo("ODE heun, 16 points");
    }

    /** From 0.96 on, x + 0.04·v of what was reached there. */
    @ParameterizedTest
    @EnumSource
    void theLastStepOfAnOdeIsEulers(OdeSolver solver) {
        Network network = (xt, t, y) -> xt.mul(new Scalar(-2)).add(t.reshape(-1, 1, 1, 1));
        List<double[]> states = new ArrayList<>();
        List<SamplerStep> steps = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(0, 0, 1);
            OdeConfig config = OdeConfig.of(solver, 9).withLastStep(LastStep.EULER);
            new Sampler(Transport.LINEAR_VELOCITY, config)
                    .run(network, noise.start(1, 1, 1), Tensors.of(new long[1], 1), noise, step -> {
                        states.add(Tensors.doubles(step.state()));
                        steps.add(step);
                    });
        }
        assertThat(steps).filteredOn(SamplerStep::isClosing).containsExactly(steps.get(steps.size() - 1));
        double before = states.get(states.size() - 2)[0];
        assertThat(states.get(states.size() - 1)[0]).isCloseTo(before + 0.04 * (0.96 - 2 * before), within(1e-6));
    }

    /** Written before an ODE had a last step. */
    @Test
    void aStoredOdeWithoutLastStepMeansWhatItMeant() {
        String stored = "{\"solver\":\"heun\",\"points\":16,\"rtol\":0.001,\"atol\":1e-6,\"errorNorm\":\"per-sample\"}";
        JsonMapper json = new JsonMapper();

        assertThat(json.readValue(stored, OdeConfig.class))
                .isEqualTo(OdeConfig.of(OdeSolver.HEUN, 16).withLastStep(LastStep.NONE));
        for (OdeSolver solver : OdeSolver.values()) {
            OdeConfig config = OdeConfig.of(solver);
            assertThat(json.readValue(json.writeValueAsString(config), OdeConfig.class))
                    .isEqualTo(config);
        }
    }

    private static List<Double> evaluationTimes(Transport transport, SamplerConfig config) {
        List<Double> asked = new ArrayList<>();
        Network network = (xt, t, y) -> {
            asked.add(Tensors.doubles(t)[0]);
            return xt.mul(new Scalar(-0.1));
        };
        try (Scope scope = Scope.open()) {
            NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(0, 0, 1);
            new Sampler(transport, config)
                    .run(network, noise.start(1, 1, 1), Tensors.of(new long[1], 1), noise, StepObserver.NONE);
        }
        return asked;
    }

    @Test
    void wrongSettingsAreRefusedByName() {
        assertRefused(
                () -> OdeConfig.DEFAULT.withLastStep(LastStep.MEAN),
                "last step is 'mean', which belongs to an SDE; allowed for an ODE are euler, tweedie and none");
        assertRefused(
                () -> new OdeConfig(OdeSolver.HEUN, 5, 1, 1, ErrorNorm.BATCH, LastStep.EULER, 1),
                "last step size is 1.0 with last step 'euler', allowed is more than 0 and less than 1");
        assertRefused(() -> OdeConfig.of(OdeSolver.HEUN, 1), "points is 1, allowed are 2 to 1000000");
        assertRefused(() -> SdeConfig.of(SdeSolver.HEUN, 0), "points is 0, allowed are 2 to 1000000");
        assertRefused(
                () -> SdeConfig.DEFAULT.withDiffusion(DiffusionForm.LINEAR, 0),
                "diffusion norm is 0.0, allowed are finite numbers above 0");
        assertRefused(
                () -> new SdeConfig(SdeSolver.EULER, DiffusionForm.SIGMA, 1, LastStep.NONE, 0.04, 250),
                "last step size is 0.04 with last step 'none', allowed is 0");
        assertRefused(
                () -> new SdeConfig(SdeSolver.EULER, DiffusionForm.SIGMA, 1, LastStep.TWEEDIE, 0, 250),
                "last step size is 0.0 with last step 'tweedie', allowed is more than 0 and less than 1");
        assertRefused(() -> OdeConfig.of(OdeSolver.DOPRI5, 2).withTolerances(0, 1), "rtol is 0.0");
    }

    @Test
    void everyChoiceIsReadBackFromItsWord() {
        for (OdeSolver solver : OdeSolver.values()) {
            assertThat(OdeSolver.parse(solver.label())).isEqualTo(solver);
        }
        for (SdeSolver solver : SdeSolver.values()) {
            assertThat(SdeSolver.parse(solver.label())).isEqualTo(solver);
        }
        for (DiffusionForm form : DiffusionForm.values()) {
            assertThat(DiffusionForm.parse(form.label())).isEqualTo(form);
        }
        for (LastStep lastStep : LastStep.values()) {
            assertThat(LastStep.parse(lastStep.label())).isEqualTo(lastStep);
        }
        for (ErrorNorm norm : ErrorNorm.values()) {
            assertThat(ErrorNorm.parse(norm.label())).isEqualTo(norm);
        }
        assertThat(DiffusionForm.parse("increasing-decreasing")).isEqualTo(DiffusionForm.INCREASING_DECREASING);
        assertRefused(
                () -> DiffusionForm.parse("inccreasing-decreasing"),
                "diffusion form is 'inccreasing-decreasing', allowed are constant, sbdm, sigma, linear, decreasing and "
                        + "increasing-decreasing");
    }

    @Test
    void timeGridsAreValuesThatKeepTheirDirection() {
        TimeGrid grid = new TimeGrid(new TimeInterval(0, 0.96), 5);
        assertThat(IntStream.rangeClosed(0, 4).mapToObj(grid::time)).containsExactly(0.0, 0.24, 0.48, 0.72, 0.96);
        assertThat(grid.steps()).isEqualTo(4);
        assertThat(grid.dt(3)).isEqualTo(0.96 - 0.72);
        TimeGrid back = new TimeGrid(new TimeInterval(1, 0), 3);
        assertThat(IntStream.rangeClosed(0, 2).mapToObj(back::time)).containsExactly(1.0, 0.5, 0.0);
        assertThat(back.dt(0)).isEqualTo(-0.5);
        assertRefused(() -> new TimeGrid(new TimeInterval(0, 1), 1), "points is 1");
        assertRefused(() -> new TimeInterval(0, 1.5), "the time interval runs from 0.0 to 1.5");
    }

    private static void assertRefused(Runnable construction, String message) {
        assertThatThrownBy(construction::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }
}
