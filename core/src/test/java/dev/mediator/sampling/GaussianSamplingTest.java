package dev.mediator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Samplers with the perfect network of Gaussian data, for which mean and variance of the results are known. */
class GaussianSamplingTest {
    private static final GaussianData DATA = new GaussianData(0.7, 0.5);

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    /** The ODE moves each quantile of N(0, 1) to the same quantile of the data. */
    @ParameterizedTest
    @EnumSource
    void theOdeMapsQuantilesForEveryPrediction(InterpolantPath path) {
        try (Scope scope = Scope.open()) {
            double[] start = {-2, -0.3, 0, 1.1};
            Tensor x0 = Tensors.of(start, 4, 1, 1, 1);
            for (Prediction prediction : Prediction.values()) {
                Transport transport = Transport.of(path, prediction);
                TimeInterval times = transport.odeInterval();
                Sampler sampler = new Sampler(
                        transport,
                        OdeConfig.of(OdeSolver.DOPRI5, 2)
                                .withTolerances(1e-8, 1e-8)
                                .withLastStep(LastStep.NONE));
                Sampler.Result result =
                        sampler.run(DATA.network(transport), x0, labels(4), (i, x) -> x, StepObserver.NONE);
                double[] end = Tensors.doubles(result.x());
                for (int i = 0; i < 4; i++) {
                    double quantile = (start[i] - path.alpha(times.start()) * DATA.mean())
                            / Math.sqrt(DATA.variance(path, times.start()));
                    double expected = path.alpha(times.end()) * DATA.mean()
                            + quantile * Math.sqrt(DATA.variance(path, times.end()));
                    assertThat(end[i]).isCloseTo(expected, within(1e-6));
                }
            }
        }
    }

    /** Every diffusion has the same marginals. */
    @ParameterizedTest
    @EnumSource
    void theSdeHasTheDataMeanAndVariance(DiffusionForm form) {
        for (InterpolantPath path : InterpolantPath.values()) {
            Transport transport = Transport.of(path, Prediction.VELOCITY);
            for (SdeSolver solver : SdeSolver.values()) {
                Moments moments = Moments.of(
                        transport,
                        SdeConfig.of(solver, 251).withDiffusion(form, 1).withLastStep(LastStep.NONE));
                assertThat(moments.mean()).as("%s %s", path, solver).isCloseTo(DATA.mean(), within(0.01));
                assertThat(moments.deviation()).as("%s %s", path, solver).isCloseTo(DATA.deviation(), within(0.015));
            }
        }
    }

    /** A last step adds no noise: Tweedie's lacks the noise's variance, the others approximate the way to the data. */
    @ParameterizedTest
    @EnumSource
    void everyLastStepLandsAtTheData(LastStep lastStep) {
        for (Prediction prediction : Prediction.values()) {
            Transport transport = Transport.of(InterpolantPath.LINEAR, prediction);
            Moments moments =
                    Moments.of(transport, SdeConfig.of(SdeSolver.EULER, 251).withLastStep(lastStep));
            assertThat(moments.mean()).isCloseTo(DATA.mean(), within(0.002));
            assertThat(moments.deviation()).isCloseTo(DATA.deviation(), within(0.01));
        }
    }

    @ParameterizedTest
    @EnumSource
    void momentsConvergeWithTheStatedOrder(SdeSolver solver) {
        InterpolantPath path = InterpolantPath.GVP; // on the linear path the mean has no error at all
        double[] sizes = new double[4];
        double[] variances = new double[4];
        double[] means = new double[4];
        for (int i = 0; i < 4; i++) {
            int steps = 50 << i;
            // What is there before a last step of half the interval: away from the stiff end.
            SdeConfig config = new SdeConfig(solver, DiffusionForm.SIGMA, 1, LastStep.MEAN, 0.5, steps + 1);
            Moments moments = Moments.beforeLastStep(Transport.of(path, Prediction.VELOCITY), config);
            sizes[i] = 0.5 / steps;
            variances[i] = Math.abs(moments.variance() - DATA.variance(path, 0.5));
            means[i] = Math.abs(moments.mean() - path.alpha(0.5) * DATA.mean());
        }
        assertThat(Slope.ofLogs(sizes, variances)).isCloseTo(solver.order(), within(0.1));
        assertThat(Slope.ofLogs(sizes, means)).isCloseTo(solver == SdeSolver.HEUN ? 2 : 1, within(0.1));
    }

    @Test
    void withNoiseFromStreamsTheSamplesHaveTheDataMomentsToo() {
        try (Scope scope = Scope.open()) {
            Transport transport = Transport.LINEAR_VELOCITY;
            NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(1, 0, 64);
            Sampler.Result result = new Sampler(transport, SdeConfig.of(SdeSolver.EULER, 100))
                    .run(DATA.network(transport), noise.start(1, 16, 16), labels(64), noise, StepObserver.NONE);
            Tensor samples = Tensors.to(result.x(), DType.F64);
            double mean = Tensors.scalar(samples.mean());
            double deviation = Tensors.scalar(samples.std());
            // 16384 independent values: standard errors 0.004 and 0.003
            assertThat(mean).isCloseTo(DATA.mean(), within(0.016));
            assertThat(deviation).isCloseTo(DATA.deviation(), within(0.016));
        }
    }

    private static Tensor labels(int batch) {
        return Tensors.zeros(DType.I64, batch);
    }

    /**
     * Exact moments of a linear sampler's result, without Monte Carlo error: sample 0 of the batch starts at 0 without noise
     * and ends at the mean; each other sample has one of the unit noises alone, and ends beside it by that noise's factor.
     */
    private record Moments(double mean, double variance) {
        static Moments of(Transport transport, SdeConfig config) {
            return of(transport, config, false);
        }

        static Moments beforeLastStep(Transport transport, SdeConfig config) {
            return of(transport, config, true);
        }

        private static Moments of(Transport transport, SdeConfig config, boolean isBeforeLastStep) {
            try (Scope scope = Scope.open()) {
                int steps = config.points() - 1;
                int batch = steps + 2;
                Tensor impulses = torch.eye(batch, Tensors.options(DType.F64)); // [draws, B], draw 0 is unused
                Tensor x0 = impulses.select(0, 1).reshape(batch, 1, 1, 1);
                Tensor noise = impulses.narrow(0, 2, steps).reshape(steps, batch, 1, 1, 1);
                double[][] end = {{}};
                new Sampler(transport, config)
                        .run(DATA.network(transport), x0, labels(batch), new NoiseSource.Recorded(noise), step -> {
                            if (!(isBeforeLastStep && step.isClosing())) {
                                end[0] = Tensors.doubles(step.state());
                            }
                        });
                double variance = 0;
                for (int i = 1; i < batch; i++) {
                    variance += (end[0][i] - end[0][0]) * (end[0][i] - end[0][0]);
                }
                return new Moments(end[0][0], variance);
            }
        }

        double deviation() {
            return Math.sqrt(variance);
        }
    }
}
