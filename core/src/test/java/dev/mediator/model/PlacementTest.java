package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.TimeEmbedding;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.CustomGradient;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Parts of a network on a device without values: operations fail where a tensor was left on the host, and where one is read.
 * Times and labels are on the host, as samplers have them. Convolutions, norms and fused attention do not exist on it.
 */
class PlacementTest {
    private static final Placement META = new Placement(ComputeDevice.META, DType.F32);

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.4})
    void guidanceStaysOnTheDevice(double start) {
        try (Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard()) {
            Tensor guided = new Guidance(2, 2, start, 1)
                    .predict((x, t, y) -> Ops.mul(x, 2), 5, META.zeros(2, 3, 8, 8), times(), labels());

            assertThat(guided.is_meta()).isTrue();
            assertThat(guided.shape()).containsExactly(2, 3, 8, 8);
        }
    }

    @Test
    void modulationsStayOnTheDevice() {
        try (Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard();
                ModulationCache cache = new ModulationCache()) {
            TimeEmbedding embedding = new TimeEmbedding(fresh(), 16);
            for (int call = 0; call < 2; call++) {
                List<Tensor> modulations =
                        cache.split(cache.of(times(), labels(), (t, y) -> List.of(embedding.apply(t))));

                assertThat(modulations.get(0).is_meta()).isTrue();
                assertThat(modulations.get(0).shape()).containsExactly(2, 16);
            }
        }
    }

    /** What lives as long as the graph is where the function is. */
    @Test
    void gradientsByHandStayOnTheDevice() {
        try (Scope scope = Scope.open()) {
            Tensor x = META.zeros(3, 4);
            x.requires_grad_(true);
            CustomGradient.of(
                            x,
                            List.of(),
                            saved -> new CustomGradient.Result(
                                    x.mul(x), (dValue, gradients) -> Ops.mul(dValue.mul(x), 2)))
                    .sum()
                    .backward();

            assertThat(x.grad().is_meta()).isTrue();
            assertThat(x.grad().shape()).containsExactly(3, 4);
        }
    }

    private static ParameterSource fresh() {
        FreshParameters fresh = new FreshParameters(0);
        return (name, init, shape) -> META.put(fresh.get(name, init, shape));
    }

    private static Tensor times() {
        return Tensors.of(new float[] {0.25f, 0.5f}, 2);
    }

    private static Tensor labels() {
        return Tensors.of(new long[] {1, 4}, 2);
    }
}
