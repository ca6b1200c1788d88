package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reference's numbers are compared by the golden check of the optimizer. */
class AdamWTest {
    private static final AdamW.Config CONFIG = new AdamW.Config(0.1, 0.8, 0.9, 1e-8, 0.05);

    private Scope scope;

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** The formulas of the paper, step by step in fp64. */
    @Test
    void updatesAreThoseOfThePaper() {
        double[] gradients = {0.5, -2, 1, 0.25};
        double[] factors = {0.5, 1, 1, 0.1};
        Tensor values = Tensors.of(new float[] {3}, 1);
        double value = 3;
        double first = 0;
        double second = 0;
        try (AdamW optimizer = new AdamW(CONFIG, Tensors.zeros(DType.F32, 1))) {
            for (int i = 0; i < gradients.length; i++) {
                optimizer.step(values, Tensors.of(new float[] {(float) gradients[i]}, 1), factors[i]);

                double rate = 0.1 * factors[i];
                first = 0.8 * first + 0.2 * gradients[i];
                second = 0.9 * second + 0.1 * gradients[i] * gradients[i];
                double correctedFirst = first / (1 - Math.pow(0.8, i + 1));
                double correctedSecond = second / (1 - Math.pow(0.9, i + 1));
                value = value * (1 - rate * 0.05) - rate * correctedFirst / (Math.sqrt(correctedSecond) + 1e-8);
                assertThat(Tensors.scalar(values)).as("after step " + (i + 1)).isCloseTo(value, within(2e-6));
            }
            assertThat(Tensors.scalar(optimizer.firstMoment())).isCloseTo(first, within(1e-6));
            assertThat(Tensors.scalar(optimizer.secondMoment())).isCloseTo(second, within(1e-6));
            assertThat(optimizer.steps()).isEqualTo(4);
        }
    }

    @Test
    void withoutGradientOnlyTheDecayActs() {
        Tensor values = Tensors.of(new float[] {2}, 1);
        try (AdamW optimizer = new AdamW(CONFIG, Tensors.zeros(DType.F32, 1))) {
            optimizer.step(values, Tensors.full(0, 1), 1);
            assertThat(Tensors.scalar(values)).isCloseTo(2 * (1 - 0.1 * 0.05), within(1e-6));
        }
    }

    /** The correction of the moments depends on the number of updates, which a resumed run must know. */
    @Test
    void aResumedOptimizerGoesOnAsIfNothingHappened() {
        Tensor gradient = Tensors.of(new float[] {0.3f, -1}, 2);
        Tensor values = Tensors.of(new float[] {1, 2}, 2);
        try (AdamW one = new AdamW(CONFIG, Tensors.zeros(DType.F32, 2));
                AdamW two = new AdamW(CONFIG, Tensors.zeros(DType.F32, 2))) {
            one.step(values, gradient, 1);
            one.step(values, gradient, 1);
            Tensor resumed = values.clone();
            two.firstMoment().copy_(one.firstMoment());
            two.secondMoment().copy_(one.secondMoment());
            two.resumeAt(one.steps());

            one.step(values, gradient, 1);
            two.step(resumed, gradient, 1);

            assertThat(Tensors.floats(resumed)).isEqualTo(Tensors.floats(values));
        }
    }
}
