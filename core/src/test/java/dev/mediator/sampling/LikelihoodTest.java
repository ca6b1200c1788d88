package dev.mediator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Network;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LikelihoodTest {
    private static final GaussianData DATA = new GaussianData(0.7, 0.5);
    private static final OdeConfig ACCURATE =
            OdeConfig.of(OdeSolver.DOPRI5, 2).withTolerances(1e-8, 1e-8).withLastStep(LastStep.NONE);

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @ParameterizedTest
    @EnumSource
    void aGaussianHasItsClosedFormDensity(OdeSolver solver) {
        try (Scope scope = Scope.open()) {
            Tensor x1 = data(3, 2, 2, 2);
            OdeConfig config = solver.isAdaptive() ? ACCURATE : OdeConfig.of(solver, 400);
            Likelihood.Density density = new Likelihood(Transport.LINEAR_VELOCITY, config, 1)
                    .evaluate(DATA.network(Transport.LINEAR_VELOCITY), x1, labels(3), streams(3));
            double tolerance = solver.order() == 1 ? 0.03 : 2e-4;
            for (int i = 0; i < 3; i++) {
                assertThat(density.nats().get(i)).isCloseTo(logNormal(x1, i), within(tolerance));
                assertThat(density.divergence().get(i)).isCloseTo(8 * Math.log(DATA.deviation()), within(tolerance));
            }
            assertThat(density.evaluations())
                    .isEqualTo(config.withLastStep(LastStep.NONE)
                            .plannedEvaluations()
                            .orElse(density.evaluations()));
        }
    }

    /** The other paths and predictions start ε after the noise or end ε before the data, and are as good as that allows. */
    @ParameterizedTest
    @EnumSource
    void everyPathAndPredictionAgrees(InterpolantPath path) {
        try (Scope scope = Scope.open()) {
            Tensor x1 = data(2, 2, 2, 2);
            for (Prediction prediction : Prediction.values()) {
                Transport transport = Transport.of(path, prediction);
                Likelihood.Density density = new Likelihood(transport, ACCURATE, 1)
                        .evaluate(DATA.network(transport), x1, labels(2), streams(2));
                for (int i = 0; i < 2; i++) {
                    assertThat(density.nats().get(i)).isCloseTo(logNormal(x1, i), within(0.05));
                }
            }
        }
    }

    /** v = (Ax − x)/1 mixes the elements of a sample: one probe is noisy, the mean over probes is the trace. */
    @Test
    void probesEstimateTheTraceOfAFullJacobian() {
        try (Scope scope = Scope.open()) {
            Tensor mix = Tensors.to(new RandomStream(2, 0).normalTensor(0, 8, 8), DType.F64)
                    .mul(new Scalar(0.3));
            Network network = (xt, t, y) -> xt.flatten(1, -1).matmul(mix).reshape(xt.shape());
            double trace = Tensors.scalar(mix.trace());
            Tensor x1 = data(64, 2, 2, 2);
            OdeConfig config = OdeConfig.of(OdeSolver.RK4, 9);
            double[] one = new Likelihood(Transport.LINEAR_VELOCITY, config, 1)
                    .evaluate(network, x1, labels(64), streams(64))
                    .divergence()
                    .toArray();
            double[] many = new Likelihood(Transport.LINEAR_VELOCITY, config, 64)
                    .evaluate(network, x1, labels(64), streams(64))
                    .divergence()
                    .toArray();
            double spreadOfOne = spread(one, trace);
            assertThat(spreadOfOne).isGreaterThan(0.5);
            assertThat(spread(many, trace)).isCloseTo(spreadOfOne / 8, within(0.3 * spreadOfOne / 8));
            // 4096 probes: the mean is within four standard errors
            assertThat(IntStream.range(0, 64)
                            .mapToDouble(i -> many[i])
                            .average()
                            .orElseThrow())
                    .isCloseTo(trace, within(4 * spreadOfOne / 64));
        }
    }

    @Test
    void aSampleHasTheSameDensityAloneAndAmongOthers() {
        try (Scope scope = Scope.open()) {
            Network network = (xt, t, y) ->
                    xt.mul(new Scalar(3)).add(t.reshape(-1, 1, 1, 1)).sin();
            Likelihood likelihood = new Likelihood(Transport.LINEAR_VELOCITY, OdeConfig.of(OdeSolver.DOPRI5, 2), 2);
            Tensor x1 = Tensors.to(data(3, 2, 2, 2), DType.F32);
            Likelihood.Density together = likelihood.evaluate(network, x1, labels(3), streams(3));
            for (int i = 0; i < 3; i++) {
                Likelihood.Density alone = likelihood.evaluate(
                        network, x1.narrow(0, i, 1), labels(1), streams(3).subList(i, i + 1));
                assertThat(alone.nats().get(0)).isCloseTo(together.nats().get(i), within(1e-5));
            }
        }
    }

    @Test
    void theLatentLeadsBackToTheData() {
        try (Scope scope = Scope.open()) {
            Transport transport = Transport.of(InterpolantPath.GVP, Prediction.VELOCITY);
            Network network = DATA.network(transport);
            Tensor x1 = data(3, 2, 2, 2);
            Likelihood.Density density =
                    new Likelihood(transport, ACCURATE, 1).evaluate(network, x1, labels(3), streams(3));
            Sampler sampler = new Sampler(transport, ACCURATE);
            Tensor reversed =
                    sampler.reverse(network, x1, labels(3), StepObserver.NONE).x();
            assertThat(Tensors.relativeError(reversed, density.latent())).isLessThan(1e-6);
            Tensor again = sampler.run(network, reversed, labels(3), (i, x) -> x, StepObserver.NONE)
                    .x();
            assertThat(Tensors.relativeError(again, x1)).isLessThan(1e-6);
        }
    }

    @Test
    void aNetworkWithoutGradientIsRefused() {
        try (Scope scope = Scope.open()) {
            Transport transport = Transport.of(InterpolantPath.LINEAR, Prediction.NOISE);
            Likelihood likelihood = new Likelihood(transport, OdeConfig.DEFAULT, 1);
            assertThatThrownBy(() ->
                            likelihood.evaluate((xt, t, y) -> xt.detach(), data(1, 1, 2, 2), labels(1), streams(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no gradient");
            assertThatThrownBy(() -> likelihood.evaluate((xt, t, y) -> xt, data(2, 1, 2, 2), labels(2), streams(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the batch has 2 samples, given are 1 streams");
        }
    }

    private static double spread(double[] values, double around) {
        return Math.sqrt(IntStream.range(0, values.length)
                .mapToDouble(i -> (values[i] - around) * (values[i] - around))
                .average()
                .orElseThrow());
    }

    private static double logNormal(Tensor x1, int sample) {
        double sum = 0;
        double[] values = Tensors.doubles(x1.select(0, sample));
        for (double value : values) {
            double z = (value - DATA.mean()) / DATA.deviation();
            sum += -0.5 * z * z - Math.log(DATA.deviation()) - 0.5 * Math.log(2 * Math.PI);
        }
        return sum;
    }

    private static Tensor data(long... shape) {
        return Tensors.to(new RandomStream(4, 0).normalTensor(0, shape), DType.F64)
                .mul(new Scalar(DATA.deviation()))
                .add(new Scalar(DATA.mean()));
    }

    private static List<RandomStream> streams(int count) {
        return IntStream.range(0, count).mapToObj(i -> new RandomStream(9, i)).toList();
    }

    private static Tensor labels(int batch) {
        return Tensors.zeros(DType.I64, batch);
    }
}
