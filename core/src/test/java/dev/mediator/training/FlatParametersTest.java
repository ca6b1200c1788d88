package dev.mediator.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.nn.Init;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlatParametersTest {
    private Scope scope;
    private final Map<String, Tensor> initial = new LinkedHashMap<>();

    @BeforeEach
    void makeTensors() {
        scope = Scope.open();
        initial.put("b", Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        initial.put("a", Tensors.of(new float[] {7}, 1));
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void parametersAreSlicesOfOneBuffer() {
        try (FlatParameters flat = new FlatParameters(initial, Placement.cpu(DType.F32))) {
            assertThat(flat.named(flat.values()).keySet()).containsExactly("b", "a");
            assertThat(Tensors.floats(flat.get("b", Init.ZERO, 2, 3))).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(flat.size()).as("each slice is padded to 32 elements").isEqualTo(64);

            flat.values().add_(new Scalar(10.0));

            assertThat(Tensors.floats(flat.get("b", Init.ZERO, 2, 3))).containsExactly(11, 12, 13, 14, 15, 16);
            assertThat(Tensors.floats(requireNonNull(flat.named(flat.values()).get("a"))))
                    .containsExactly(17);
            assertThat(Tensors.floats(requireNonNull(initial.get("a"))))
                    .as("a copy was made")
                    .containsExactly(7);
        }
    }

    @Test
    void backwardPassesAccumulateIntoTheOtherBuffer() {
        try (FlatParameters flat = new FlatParameters(initial, Placement.cpu(DType.F32))) {
            Tensor b = flat.get("b", Init.ZERO, 2, 3);
            b.square().sum().backward();
            flat.collectGradients();
            Ops.mul(b, 3).sum().backward();
            flat.collectGradients();

            Map<String, Tensor> gradients = flat.named(flat.gradients());
            assertThat(Tensors.floats(requireNonNull(gradients.get("b")))).containsExactly(5, 7, 9, 11, 13, 15);
            assertThat(Tensors.floats(requireNonNull(gradients.get("a")))).containsExactly(0);
            assertThat(flat.gradientNorm()).isCloseTo(Math.sqrt(25 + 49 + 81 + 121 + 169 + 225), within(1e-4));

            flat.clearGradients();
            assertThat(flat.gradientNorm()).isZero();
            b.sum().backward();
            assertThat(Tensors.floats(requireNonNull(gradients.get("b")))).containsOnly(1);
        }
    }

    /** 1 + 2⁻¹⁰ is not a bf16 number: the network sees 1, the fp32 values keep it, small updates add up. */
    @Test
    void aBf16NetworkSeesARoundedCopyOfTheValues() {
        initial.put("a", Tensors.of(new float[] {1 + 0x1p-10f}, 1));
        try (FlatParameters flat = new FlatParameters(initial, Placement.cpu(DType.BF16))) {
            Tensor a = flat.get("a", Init.ZERO, 1);
            assertThat(DType.of(a)).isEqualTo(DType.BF16);
            assertThat(DType.of(flat.values())).isEqualTo(DType.F32);
            assertThat(Tensors.floats(a)).containsExactly(1);
            assertThat(Tensors.floats(requireNonNull(flat.named(flat.values()).get("a"))))
                    .containsExactly(1 + 0x1p-10f);

            for (int i = 0; i < 8; i++) {
                flat.values().add_(new Scalar(0x1p-10));
                flat.refresh();
            }
            assertThat(Tensors.floats(a)).containsExactly(1 + 0x1p-7f);
        }
    }

    @Test
    void bf16GradientsAreSummedInFp32() {
        try (FlatParameters flat = new FlatParameters(initial, Placement.cpu(DType.BF16))) {
            Tensor a = flat.get("a", Init.ZERO, 1);
            for (int i = 0; i < 300; i++) {
                a.sum().backward();
                flat.collectGradients();
            }
            assertThat(Tensors.floats(
                            requireNonNull(flat.named(flat.gradients()).get("a"))))
                    .as("in bf16 the sum would stay at 256")
                    .containsExactly(300);
        }
    }

    @Test
    void tensorsAreLoadedByName() {
        try (FlatParameters flat = new FlatParameters(initial, Placement.cpu(DType.F32))) {
            flat.load(flat.values(), Map.of("a", Tensors.full(3, 1), "b", Tensors.full(4, 2, 3)));
            assertThat(Tensors.floats(flat.get("a", Init.ZERO, 1))).containsExactly(3);
            assertThat(Tensors.floats(flat.get("b", Init.ZERO, 2, 3))).containsOnly(4);

            assertThatThrownBy(() -> flat.load(flat.values(), Map.of("a", Tensors.full(3, 1))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the source lacks tensor 'b'");
            assertThatThrownBy(
                            () -> flat.load(flat.values(), Map.of("a", Tensors.full(3, 1), "b", Tensors.full(4, 3, 2))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tensor 'b' has shape [3, 2], expected is [2, 3]");
        }
    }

    @Test
    void unknownNamesAndShapesAreRefused() {
        try (FlatParameters flat = new FlatParameters(initial, Placement.cpu(DType.F32))) {
            assertThatThrownBy(() -> flat.get("c", Init.ZERO, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("no parameter 'c' is trained");
            assertThatThrownBy(() -> flat.get("a", Init.ZERO, 2))
                    .hasMessage("parameter 'a' has shape [1], expected is [2]");
        }
    }
}
