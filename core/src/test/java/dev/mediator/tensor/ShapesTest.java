package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ShapesTest {
    @Test
    void elementsAreCounted() {
        assertThat(Shapes.numel(2, 3, 4)).isEqualTo(24);
        assertThat(Shapes.numel()).as("a scalar").isEqualTo(1);
        assertThat(Shapes.numel(5, 0)).isZero();
        assertThatThrownBy(() -> Shapes.numel(1L << 32, 1L << 32)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void aFittingTensorIsPassedThrough() {
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensors.zeros(DType.F32, 2, 3);
            assertThat(Shapes.require(tensor, "x", 2, Shapes.ANY)).isSameAs(tensor);
            assertThat(Shapes.of(tensor)).containsExactly(2, 3);
        }
    }

    @Test
    void aWrongShapeIsReportedByName() {
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensors.zeros(DType.F32, 2, 3);
            assertThatThrownBy(() -> Shapes.require(tensor, "xt", Shapes.ANY, 4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("xt has shape [2, 3], expected is [any, 4]");
            assertThatThrownBy(() -> Shapes.require(tensor, "t", 6)).hasMessage("t has shape [2, 3], expected is [6]");
        }
    }
}
