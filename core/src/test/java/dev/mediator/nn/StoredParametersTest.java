package dev.mediator.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoredParametersTest {
    @Test
    void tensorsAreConvertedAndTheUnusedNamed() {
        try (Scope scope = Scope.open()) {
            StoredParameters stored =
                    new StoredParameters(Map.of("a", Tensors.full(1, 2), "b", Tensors.full(2, 3)), DType.BF16);
            assertThat(stored.unused()).containsExactlyInAnyOrder("a", "b");
            assertThat(DType.of(stored.get("a", Init.ZERO, 2))).isEqualTo(DType.BF16);
            assertThat(stored.unused()).containsExactly("b");
        }
    }

    @Test
    void missingAndMisshapenTensorsAreNamed() {
        try (Scope scope = Scope.open()) {
            StoredParameters stored = new StoredParameters(Map.of("a", Tensors.full(1, 2)), DType.F32);
            assertThatThrownBy(() -> stored.get("c", Init.ZERO, 4, 5))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the checkpoint lacks tensor 'c' of shape [4, 5]");
            assertThatThrownBy(() -> stored.get("a", Init.ZERO, 3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tensor 'a' of the checkpoint has shape [2], expected is [3]");
        }
    }
}
