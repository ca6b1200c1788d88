package dev.mediator.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransportTest {
    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void neitherEpsDependsOnTheOther() {
        Transport none = with(InterpolantPath.LINEAR, Prediction.SCORE, null, null);
        Transport train = with(InterpolantPath.LINEAR, Prediction.SCORE, 0.02, null);
        Transport sample = with(InterpolantPath.LINEAR, Prediction.SCORE, null, 0.03);
        assertThat(none.trainInterval()).isEqualTo(new TimeInterval(1e-3, 1 - 1e-3));
        assertThat(train.trainInterval()).isEqualTo(new TimeInterval(0.02, 0.98));
        assertThat(train.odeInterval()).isEqualTo(none.odeInterval());
        assertThat(sample.odeInterval()).isEqualTo(new TimeInterval(0.03, 0.97));
        assertThat(sample.trainInterval()).isEqualTo(none.trainInterval());
        assertThat(with(InterpolantPath.VP, Prediction.NOISE, null, null).trainInterval())
                .isEqualTo(new TimeInterval(0, 1 - 1e-5));
    }

    /** Where the reference lets a velocity network run into an infinity. */
    @Test
    void anSdeKeepsFromSingularEndsByItsOwnEps() {
        Transport linear = with(InterpolantPath.LINEAR, Prediction.VELOCITY, null, null);
        assertThat(linear.odeInterval()).isEqualTo(new TimeInterval(0, 1));
        assertThat(linear.sdeInterval(true, 0.04)).isEqualTo(new TimeInterval(1e-3, 0.96));
        assertThat(linear.sdeInterval(false, 0.04)).isEqualTo(new TimeInterval(0, 0.96));
        assertThat(linear.sdeInterval(false, 0)).isEqualTo(new TimeInterval(0, 0.999));
        assertThat(with(InterpolantPath.VP, Prediction.VELOCITY, null, null).sdeInterval(true, 0))
                .isEqualTo(new TimeInterval(0, 0.999));
    }

    @Test
    void aLastStepThatLeavesNoTimeIsRefused() {
        assertThatThrownBy(() ->
                        Transport.of(InterpolantPath.LINEAR, Prediction.SCORE).sdeInterval(false, 0.9995))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0.9995")
                .hasMessageContaining("0.999 ");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-9, 0.5, Double.NaN})
    void anEpsOutsideItsRangeIsRefused(double eps) {
        assertThatThrownBy(() -> with(InterpolantPath.VP, Prediction.NOISE, eps, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("train eps is " + eps + ", allowed are 0 to below 0.5");
        assertThatThrownBy(() -> with(InterpolantPath.VP, Prediction.NOISE, null, eps))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("sample eps is " + eps);
    }

    @Test
    void aWeightingOfVelocityIsRefused() {
        assertThatThrownBy(() -> new Transport(
                        InterpolantPath.LINEAR, Prediction.VELOCITY, LossWeighting.LIKELIHOOD, null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "loss weighting is 'likelihood', allowed for velocity prediction is only 'none'");
    }

    /** For the network w·xt the loss of a sample is a parabola in w with a known slope. */
    @ParameterizedTest
    @ValueSource(strings = {"velocity", "score", "noise"})
    void gradientsFlowIntoTheNetwork(String word) {
        Prediction prediction = Prediction.parse(word);
        LossWeighting weighting = prediction == Prediction.VELOCITY ? LossWeighting.NONE : LossWeighting.LIKELIHOOD;
        Transport transport = new Transport(InterpolantPath.GVP, prediction, weighting, null, null);
        try (Scope scope = Scope.open()) {
            Tensor x0 = normal(1);
            Tensor x1 = normal(2);
            Tensor t = Tensors.of(new double[] {0.2, 0.7, 0.4}, 3);
            Tensor y = Tensors.zeros(DType.I64, 3);
            Tensor w = Tensors.of(new double[] {0.6}, 1).requires_grad_(true);
            transport.loss((xt, time, label) -> xt.mul(w), x0, x1, t, y).sum().backward();
            double h = 1e-4;
            double above = sumOfLosses(transport, 0.6 + h, x0, x1, t, y);
            double below = sumOfLosses(transport, 0.6 - h, x0, x1, t, y);
            double slope = (above - below) / (2 * h);
            assertThat(Tensors.scalar(w.grad())).isCloseTo(slope, within(1e-7 * Math.abs(slope)));
        }
    }

    @Test
    void aPerfectNetworkHasNoLoss() {
        try (Scope scope = Scope.open()) {
            Transport transport = Transport.of(InterpolantPath.VP, Prediction.NOISE);
            Tensor x0 = normal(1);
            Tensor loss = transport.loss(
                    (xt, t, y) -> x0,
                    x0,
                    normal(2),
                    Tensors.of(new double[] {0, 0.5, 0.99}, 3),
                    Tensors.zeros(DType.I64, 3));
            assertThat(Tensors.doubles(loss)).containsExactly(0, 0, 0);
        }
    }

    @Test
    void wrongShapesAreNamed() {
        try (Scope scope = Scope.open()) {
            Tensor x = normal(1);
            Tensor t = Tensors.of(new double[] {0.1, 0.2, 0.3}, 3);
            Tensor y = Tensors.zeros(DType.I64, 3);
            Transport transport = Transport.LINEAR_VELOCITY;
            assertThatThrownBy(() -> transport.loss((xt, time, label) -> xt.narrow(1, 0, 1), x, x, t, y))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the network's prediction has shape [3, 1, 4, 4], expected is [3, 2, 4, 4]");
            assertThatThrownBy(() -> transport.loss((xt, time, label) -> xt, x, x, t.narrow(0, 0, 2), y))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("t has shape [2]");
        }
    }

    private static double sumOfLosses(Transport transport, double w, Tensor x0, Tensor x1, Tensor t, Tensor y) {
        Tensor weight = Tensors.of(new double[] {w}, 1);
        return Tensors.scalar(transport
                .loss((xt, time, label) -> xt.mul(weight), x0, x1, t, y)
                .sum());
    }

    private static Transport with(
            InterpolantPath path,
            Prediction prediction,
            @org.jspecify.annotations.Nullable Double trainEps,
            @org.jspecify.annotations.Nullable Double sampleEps) {
        return new Transport(path, prediction, LossWeighting.NONE, trainEps, sampleEps);
    }

    private static Tensor normal(long use) {
        return Tensors.to(new RandomStream(11, 0).normalTensor(use, 3, 2, 4, 4), DType.F64);
    }
}
