package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DTypeTest {
    @ParameterizedTest
    @EnumSource
    void typeAndSizeAreThoseOfLibtorch(DType dtype) {
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensors.zeros(dtype, 3);
            assertThat(DType.of(tensor)).isEqualTo(dtype);
            assertThat(tensor.element_size()).isEqualTo(dtype.bytes());
            assertThat(tensor.is_floating_point()).isEqualTo(dtype.isFloatingPoint());
        }
    }

    @ParameterizedTest
    @CsvSource({"fp32, F32", "F32, F32", " bf16 , BF16", "Fp16, F16", "fp64, F64"})
    void namesAreRead(String text, DType dtype) {
        assertThat(DType.parse(text)).isEqualTo(dtype);
    }

    @Test
    void otherTypesAreRefused() {
        assertThatThrownBy(() -> DType.parse("float99"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dtype is 'float99', allowed are fp32, bf16, fp16 and fp64");
        try (Scope scope = Scope.open()) {
            Tensor complex = torch.zeros(new long[] {1}, new TensorOptions(ScalarType.ComplexFloat));
            assertThatThrownBy(() -> DType.of(complex)).hasMessageContaining("is not supported");
        }
    }
}
