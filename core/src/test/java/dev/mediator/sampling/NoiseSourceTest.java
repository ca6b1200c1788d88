package dev.mediator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NoiseSourceTest {
    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void aSampleHasItsOwnNoiseWhereverItStands() {
        try (Scope scope = Scope.open()) {
            NoiseSource.Streams batch = NoiseSource.Streams.ofSeed(42, 10, 4);
            NoiseSource.Streams other =
                    new NoiseSource.Streams(List.of(new RandomStream(42, 99), new RandomStream(42, 12)));
            Tensor like = Tensors.zeros(DType.F32, 4, 3, 2, 2);
            for (int step : new int[] {0, 1, 7}) {
                assertThat(Tensors.floats(
                                other.stepNoise(step, like.narrow(0, 0, 2)).select(0, 1)))
                        .containsExactly(
                                Tensors.floats(batch.stepNoise(step, like).select(0, 2)));
            }
            assertThat(Tensors.floats(other.start(3, 2, 2).select(0, 1)))
                    .containsExactly(Tensors.floats(batch.start(3, 2, 2).select(0, 2)));
        }
    }

    /** Draw 0 is the start, draw i + 1 the noise of step i: none is used twice. */
    @Test
    void drawsAreNumberedAsStated() {
        try (Scope scope = Scope.open()) {
            NoiseSource.Streams noise = NoiseSource.Streams.ofSeed(42, 10, 1);
            RandomStream stream = new RandomStream(42, 10);
            Tensor like = Tensors.zeros(DType.F32, 1, 5);
            assertThat(Tensors.floats(noise.start(5))).containsExactly(stream.normals(0, 5));
            assertThat(Tensors.floats(noise.stepNoise(0, like))).containsExactly(stream.normals(1, 5));
            assertThat(Tensors.floats(noise.stepNoise(3, like))).containsExactly(stream.normals(4, 5));
            assertThat(DType.of(noise.stepNoise(0, Tensors.to(like, DType.F64))))
                    .isEqualTo(DType.F64);
        }
    }

    @Test
    void noiseThatDoesNotFitIsRefused() {
        try (Scope scope = Scope.open()) {
            Tensor like = Tensors.zeros(DType.F32, 3, 1, 2, 2);
            assertThatThrownBy(() -> NoiseSource.Streams.ofSeed(1, 0, 2).stepNoise(0, like))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the batch has 3 samples, the noise has 2 streams");
            NoiseSource.Recorded recorded = new NoiseSource.Recorded(Tensors.zeros(DType.F32, 4, 3, 1, 2, 2));
            assertThat(recorded.stepNoise(3, like).shape()).containsExactly(3, 1, 2, 2);
            assertThatThrownBy(() -> recorded.stepNoise(4, like))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the recording holds the noise of 4 steps, step 5 is asked for");
            assertThatThrownBy(() -> recorded.stepNoise(0, like.narrow(0, 0, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("recorded noise has shape [3, 1, 2, 2]");
        }
    }
}
