package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network that only infers computes what the same one does that can be trained. */
class FixedSitTest {
    private static final List<MediatorCount> COUNTS =
            List.of(MediatorCount.FULL, new MediatorCount(4), new MediatorCount(16));
    private static final SitConfig CONFIG = new SitConfig(16, 2, 3, 24, 3, 3, 4, 10, false, COUNTS, null);

    @BeforeAll
    static void start() {
        Engine.start();
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64", "BF16"})
    void predictsWhatThePlainNetworkDoes(DType dtype) {
        double tolerance = dtype == DType.BF16 ? 2e-2 : dtype == DType.F64 ? 1e-7 : 1e-5;
        try (Scope scope = Scope.open();
                Sit plain = plain().to(dtype);
                Sit fixed = fixed(plain, dtype)) {
            for (MediatorCount count : COUNTS) {
                for (int repetition = 0; repetition < 2; repetition++) { // from what was kept, too
                    Tensor expected = predict(plain, count, 0.3f, 0.7f, 0.3f, 0.3f);
                    assertThat(Tensors.relativeError(predict(fixed, count, 0.3f, 0.7f, 0.3f, 0.3f), expected))
                            .as("%s mediators", count)
                            .isLessThan(tolerance);
                }
            }
        }
    }

    /** Conditions are kept and computed together; which ones, or when, must not show in an image. */
    @Test
    void predictionsDoNotDependOnWhatWasPredictedBefore() {
        try (Scope scope = Scope.open();
                Sit plain = plain();
                Sit used = fixed(plain, DType.F32);
                Sit other = fixed(plain, DType.F32)) {
            for (int i = 0; i < 40; i++) {
                predict(used, COUNTS.get(1), 0.01f * i, 0.02f * i, 0.03f * i, 0.9f - 0.01f * i);
            }
            float[] late = Tensors.floats(predict(used, COUNTS.get(1), 0.55f, 0.2f, 0.55f, 0.1f));

            assertThat(Tensors.floats(predict(other, COUNTS.get(1), 0.55f, 0.2f, 0.55f, 0.1f)))
                    .containsExactly(late);
        }
    }

    @Test
    void showsAProbeWhatThePlainNetworkDoes() {
        try (Scope scope = Scope.open();
                Sit plain = plain();
                Sit fixed = fixed(plain, DType.F32)) {
            assertThat(modules(fixed)).containsExactlyElementsOf(modules(plain)).contains("t_embedder", "blocks.2");
        }
    }

    @Test
    void cannotBeTrainedOrSaved() {
        try (Scope scope = Scope.open();
                Sit plain = plain();
                Sit fixed = fixed(plain, DType.F32)) {
            Tensor xt = images(1).requires_grad_(true);
            assertThatThrownBy(() -> fixed.forward(xt, Tensors.full(0.5, 1), Tensors.zeros(DType.I64, 1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("records no gradient");
            assertThatThrownBy(fixed::parameters).hasMessageContaining("no plain parameters");
            assertThatThrownBy(() -> fixed.to(DType.BF16)).hasMessageContaining("no plain parameters");
            assertThat(fixed.forward(images(1), Tensors.full(0.5, 1), Tensors.zeros(DType.I64, 1))
                            .requires_grad())
                    .isFalse();
        }
    }

    private static Sit plain() {
        return new Sit(CONFIG, new RandomWeights(0.1));
    }

    private static Sit fixed(Sit plain, DType dtype) {
        return Sit.fixed(CONFIG, new StoredParameters(plain.parameters(), dtype));
    }

    private static List<String> modules(Sit sit) {
        List<String> seen = new java.util.ArrayList<>();
        try (NoGradGuard guard = new NoGradGuard()) {
            Tensor t = Tensors.full(0.5, 1);
            sit.forward(images(1), t, Tensors.zeros(DType.I64, 1), COUNTS.get(1), (module, out) -> seen.add(module));
        }
        return seen;
    }

    private static Tensor predict(Sit sit, MediatorCount count, float... t) {
        try (NoGradGuard guard = new NoGradGuard()) {
            long[] y = {1, 10, 1, 3};
            return sit.forward(images(4), Tensors.of(t, 4), Tensors.of(y, 4), count);
        }
    }

    private static Tensor images(int batch) {
        return new RandomStream(5, 0).normalTensor(0, batch, 3, 16, 16);
    }
}
