package dev.mediator.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PerSampleTest {
    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void scalesEachSampleByItsOwnValueAndKeepsTheType() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 1, 1, 2);
            Tensor scaled = PerSample.of(2, 0, -1).scale(x);
            assertThat(DType.of(scaled)).isEqualTo(DType.F32);
            assertThat(Tensors.floats(scaled)).containsExactly(2, 4, 0, 0, -5, -6);
        }
    }

    /** The scalar short cut for equal values must not show in the results, or a sample would depend on its batch. */
    @Test
    void aSampleGetsTheSameBitsAloneAndAmongOthers() {
        try (Scope scope = Scope.open()) {
            Tensor x = new RandomStream(3, 0).normalTensor(0, 2, 50);
            PerSample mixed = PerSample.of(0.1, 1 / 3.0);
            for (int i = 0; i < 2; i++) {
                Tensor alone = PerSample.of(mixed.get(i)).scale(x.narrow(0, i, 1));
                assertThat(Tensors.floats(alone))
                        .containsExactly(Tensors.floats(mixed.scale(x).narrow(0, i, 1)));
                assertThat(Tensors.floats(PerSample.of(mixed.get(i)).vector(alone)))
                        .containsExactly(Tensors.floats(mixed.vector(x).narrow(0, i, 1)));
            }
        }
    }

    @Test
    void refusesAnotherBatchSize() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensors.zeros(DType.F32, 3, 2);
            assertThatThrownBy(() -> PerSample.uniform(2, 1).scale(x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("values for 2 samples do not fit a F32 tensor of shape [3, 2]");
            assertThatThrownBy(() -> PerSample.of(1, 2).plus(PerSample.of(1, 2, 3)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(PerSample::of).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
