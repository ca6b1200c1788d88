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
    void whatNoArrayHoldsIsRefused() {
        assertThat(Shapes.arrayLength(2, 3, 4)).isEqualTo(24);
        assertThat(Shapes.arrayLength(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Shapes.arrayLength(5, 0)).isZero();
        assertThatThrownBy(() -> Shapes.arrayLength(4096, 3, 512, 512))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("values of shape [4096, 3, 512, 512] are more than the 2147483647 that are held at a time;"
                        + " a smaller batch or smaller images have fewer");
        assertThatThrownBy(() -> Shapes.arrayLength(1L << 62, 1L << 62)).isInstanceOf(IllegalArgumentException.class);
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
