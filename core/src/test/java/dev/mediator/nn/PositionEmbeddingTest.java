package dev.mediator.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class PositionEmbeddingTest {
    /** Token (row 2, column 1) of a 3×3 grid, D = 8: two frequencies, 1 and 1/100. */
    @Test
    void columnsComeFirstThenRows() {
        try (Scope scope = Scope.open()) {
            Tensor table = PositionEmbedding.table(8, 3);
            assertThat(table.shape()).containsExactly(1, 9, 8);
            assertThat(Tensors.doubles(table.narrow(1, 7, 1)))
                    .containsExactly(
                            new double[] {
                                Math.sin(1), Math.sin(0.01), Math.cos(1), Math.cos(0.01),
                                Math.sin(2), Math.sin(0.02), Math.cos(2), Math.cos(0.02)
                            },
                            within(1e-7));
        }
    }

    @Test
    void timesAreNotScaled() {
        try (Scope scope = Scope.open()) {
            double[] features = Tensors.doubles(TimeEmbedding.features(Tensors.full(0.5, 1), 5));
            assertThat(features)
                    .containsExactly(
                            new double[] {Math.cos(0.5), Math.cos(0.005), Math.sin(0.5), Math.sin(0.005), 0},
                            within(1e-7));
        }
    }
}
