package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TensorsTest {
    private Scope scope;

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void arraysGoInAndOutInRowMajorOrder() {
        Tensor floats = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(Tensors.floats(floats.t())).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(Tensors.doubles(Tensors.of(new double[] {0.1, -2e300}, 2))).containsExactly(0.1, -2e300);
        assertThat(Tensors.longs(Tensors.of(new long[] {Long.MIN_VALUE, 7}, 2))).containsExactly(Long.MIN_VALUE, 7);
        assertThat(Tensors.floats(Tensors.of(new float[0], 0, 3))).isEmpty();
        assertThat(Tensors.of(new float[] {9}).shape()).as("a scalar").isEmpty();
    }

    @Test
    void valuesAreConvertedWhateverTheElementType() {
        Tensor rounded = Tensors.to(Tensors.of(new float[] {1 + 0x1p-8f, 3}, 2), DType.BF16);
        assertThat(Tensors.floats(rounded)).containsExactly(1, 3);
        assertThat(Tensors.doubles(Tensors.of(new long[] {1, 2}, 2))).containsExactly(1, 2);
        assertThat(DType.of(Tensors.to(rounded, DType.F16))).isEqualTo(DType.F16);
    }

    /** Memory of the array may move or vanish; the tensor's must not. */
    @Test
    void tensorsDoNotShareTheArray() {
        float[] values = {1, 2};
        Tensor tensor = Tensors.of(values, 2);
        Arrays.fill(values, 5);
        assertThat(Tensors.floats(tensor)).containsExactly(1, 2);
    }

    @Test
    void aShapeThatDoesNotFitTheArrayIsRefused() {
        assertThatThrownBy(() -> Tensors.of(new float[5], 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the shape holds 6 values, found are 5");
    }

    @Test
    void relativeErrorIsMeasuredAgainstTheLargestValue() {
        Tensor golden = Tensors.of(new float[] {-4, 0.001f}, 2);
        Tensor actual = Tensors.of(new float[] {-4, 0.003f}, 2);
        assertThat(Tensors.relativeError(actual, golden)).isCloseTo(0.0005, within(1e-8));
        assertThat(Tensors.relativeError(golden, golden)).isZero();
        assertThat(Tensors.relativeError(Tensors.full(0.25, 2), Tensors.zeros(DType.F32, 2)))
                .as("all-zero reference: absolute")
                .isEqualTo(0.25);
        assertThat(Tensors.relativeError(Tensors.of(new float[0], 0), Tensors.of(new float[0], 0)))
                .isZero();
        assertThatThrownBy(() -> Tensors.relativeError(golden, Tensors.zeros(DType.F32, 2, 1)))
                .hasMessageContaining("[2], expected is [2, 1]");
    }

    @Test
    void aNanOnEitherSideIsNeverWithinATolerance() {
        Tensor nan = Tensors.of(new float[] {1, Float.NaN}, 2);
        Tensor one = Tensors.full(1, 2);
        assertThat(Tensors.relativeError(nan, one) <= 1e9).isFalse();
        assertThat(Tensors.relativeError(one, nan) <= 1e9).isFalse();
    }

    @Test
    void finitenessIsSeen() {
        assertThat(Tensors.isFinite(Tensors.full(1e38, 3))).isTrue();
        assertThat(Tensors.isFinite(Tensors.of(new float[] {0, Float.NEGATIVE_INFINITY}, 2)))
                .isFalse();
        assertThat(Tensors.isFinite(Tensors.of(new float[] {Float.NaN}, 1))).isFalse();
    }

    @Test
    void bytesAreTheTensorsMemory() {
        BytePointer bytes = Tensors.bytes(Tensors.of(new float[] {1, 2}, 2));
        assertThat(bytes.capacity()).isEqualTo(8);
        assertThat(new byte[] {bytes.get(3), bytes.get(7)}).containsExactly(0x3f, 0x40);
        assertThatThrownBy(() -> Tensors.bytes(Tensors.zeros(DType.F32, 2, 3).t()))
                .hasMessage("the tensor must be contiguous");
    }
}
