package dev.mediator.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PredictionTest {
    private static final PerSample TIMES = PerSample.of(1e-3, 0.1, 0.5, 0.9, 0.999);

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @ParameterizedTest
    @EnumSource
    void thereAndBackIsTheIdentity(InterpolantPath path) {
        try (Scope scope = Scope.open()) {
            Tensor xt = normal(1);
            Tensor predicted = normal(2);
            for (Prediction from : Prediction.values()) {
                for (Prediction to : Prediction.values()) {
                    Tensor there = from.convert(to, path, TIMES, xt, predicted);
                    Tensor back = to.convert(from, path, TIMES, xt, there);
                    assertThat(Tensors.relativeError(back, predicted)).isLessThan(1e-10);
                }
            }
        }
    }

    /** For one known pair of noise and data, all predictions are known. */
    @ParameterizedTest
    @EnumSource
    void everyPredictionTellsNoiseVelocityAndData(InterpolantPath path) {
        try (Scope scope = Scope.open()) {
            Tensor x0 = normal(1);
            Tensor x1 = normal(2);
            Tensor xt = path.xt(TIMES, x0, x1);
            Tensor ut = path.ut(TIMES, x0, x1);
            Tensor score = TIMES.map(s -> -1 / path.sigma(s)).scale(x0);
            for (Prediction prediction : Prediction.values()) {
                Tensor predicted =
                        switch (prediction) {
                            case VELOCITY -> ut;
                            case SCORE -> score;
                            case NOISE -> x0;
                        };
                Estimate estimate = new Estimate(Transport.of(path, prediction), TIMES, xt, predicted);
                assertThat(Tensors.relativeError(estimate.velocity(), ut)).isLessThan(1e-11);
                assertThat(Tensors.relativeError(estimate.noise(), x0)).isLessThan(1e-11);
                assertThat(Tensors.relativeError(estimate.score(), score)).isLessThan(1e-11);
                assertThat(Tensors.relativeError(estimate.denoised(), x1)).isLessThan(1e-10);
            }
        }
    }

    /** Written with α/α̇ and σ alone, a velocity tells noise and data at both ends of LINEAR and GVP. */
    @Test
    void aVelocityIsUsableAtBothEnds() {
        try (Scope scope = Scope.open()) {
            PerSample ends = PerSample.of(0, 1);
            Tensor x0 = normal(1).narrow(0, 0, 2);
            Tensor x1 = normal(2).narrow(0, 0, 2);
            for (InterpolantPath path : new InterpolantPath[] {InterpolantPath.LINEAR, InterpolantPath.GVP}) {
                Estimate estimate = new Estimate(
                        Transport.of(path, Prediction.VELOCITY), ends, path.xt(ends, x0, x1), path.ut(ends, x0, x1));
                assertThat(Tensors.relativeError(estimate.noise(), x0)).isLessThan(1e-14);
                assertThat(Tensors.relativeError(estimate.denoised(), x1)).isLessThan(1e-14);
            }
        }
    }

    private static Tensor normal(long use) {
        return Tensors.to(new RandomStream(7, 0).normalTensor(use, TIMES.batch(), 2, 3, 3), DType.F64);
    }
}
