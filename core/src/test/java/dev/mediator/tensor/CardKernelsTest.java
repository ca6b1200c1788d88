package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Kernels that only cards are given in earnest, run here on the host, where libtorch has them too. */
class CardKernelsTest {
    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void geluInTwoKernelsIsThatInPieces() {
        try (Scope scope = Scope.open()) {
            Tensor x = new RandomStream(3, 0).normalTensor(0, 7, 33);
            Tensor inPieces = x.clone();
            Tensor inKernels = x.clone();
            Tensor value = GeluTanh.applyAndDerive(inPieces);
            Tensor other = GeluTanh.inTwoKernels(inKernels);

            assertThat(Tensors.relativeError(other, value)).isLessThan(1e-6);
            assertThat(Tensors.relativeError(inKernels, inPieces)).isLessThan(1e-6);
        }
    }

    /** Two updates by the formulas of arXiv 1711.05101. */
    @Test
    void fusedAdamWFollowsTheFormulas() {
        double[] x = {1, -2, 0.5};
        double[] first = new double[3];
        double[] second = new double[3];
        float[][] gradients = {{0.1f, -3, 0}, {0.2f, 1, 1e-3f}};
        double rate = 1e-2;
        FusedAdamW update = new FusedAdamW(rate, 0.9, 0.99, 1e-8, 0.1);
        try (Scope scope = Scope.open()) {
            Tensor values = Tensors.of(new float[] {1, -2, 0.5f}, 3);
            Tensor m = Tensors.zeros(DType.F32, 3);
            Tensor v = Tensors.zeros(DType.F32, 3);
            for (int step = 1; step <= 2; step++) {
                update.step(step, values, Tensors.of(gradients[step - 1], 3), m, v);
                for (int i = 0; i < 3; i++) {
                    double g = gradients[step - 1][i];
                    first[i] = 0.9 * first[i] + 0.1 * g;
                    second[i] = 0.99 * second[i] + 0.01 * g * g;
                    double size = Math.sqrt(second[i] / (1 - Math.pow(0.99, step))) + 1e-8;
                    x[i] = x[i] * (1 - rate * 0.1) - rate * first[i] / (1 - Math.pow(0.9, step)) / size;
                }
            }

            assertThat(Tensors.relativeError(values, Tensors.of(x, 3))).isLessThan(1e-6);
            assertThat(Tensors.relativeError(m, Tensors.of(first, 3))).isLessThan(1e-6);
            assertThat(Tensors.relativeError(v, Tensors.of(second, 3))).isLessThan(1e-6);
        }
    }

    /** Each card kernel is known to libtorch by the name it is called by, and lacks for the host alone. */
    @ParameterizedTest
    @EnumSource(names = {"FLASH", "EFFICIENT"})
    void attentionOnCardsIsThereForCardsOnly(FusedAttention.Kernel kernel) {
        try (Scope scope = Scope.open()) {
            Tensor q = new RandomStream(4, 0).normalTensor(0, 1, 2, 4, 8);
            FusedAttention made = new FusedAttention(kernel, q, List.of(q, q, q));

            assertThatThrownBy(() -> FusedAttention.of(kernel, q, q, q))
                    .hasMessageContaining("_attention' with arguments from the 'CPU' backend");
            assertThatThrownBy(() -> made.backward(q, q, q, q))
                    .hasMessageContaining("_attention_backward' with arguments from the 'CPU' backend");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CPU, F32, 7, HOST",
        "CPU, BF16, 64,",
        "CUDA, F32, 72, EFFICIENT",
        "CUDA, F32, 6,",
        "CUDA, BF16, 72, FLASH",
        "CUDA, BF16, 12,",
        "CUDA, BF16, 264,",
        "CUDA, F64, 64,",
        "META, F32, 64,",
    })
    void eachDeviceAndTypeHasItsAttention(
            ComputeDevice.Kind device, DType dtype, long headWidth, FusedAttention.Kernel expected) {
        assertThat(FusedAttention.Kernel.fastest(device, dtype, headWidth)).isEqualTo(Optional.ofNullable(expected));
    }
}
