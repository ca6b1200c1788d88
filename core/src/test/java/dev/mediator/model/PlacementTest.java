package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Transport;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks on a device without values: operations fail where a tensor was left on the host, and where one is read. Times and
 * labels are on the host, as samplers have them.
 */
class PlacementTest {
    private static final MediatorCount FOUR = new MediatorCount(4);
    private static final SitConfig ELASTIC =
            new SitConfig(8, 2, 3, 16, 2, 2, 4, 5, true, List.of(FOUR, new MediatorCount(9), MediatorCount.FULL), null);

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @ParameterizedTest
    @CsvSource({"4, F32", "9, F32", "full, F32", "4, BF16", "9, BF16", "full, BF16"})
    void passesStayOnTheDevice(MediatorCount mediators, DType dtype) {
        try (Scope scope = Scope.open();
                Sit plain = new Sit(ELASTIC, fresh(dtype));
                Sit fixed = Sit.fixed(ELASTIC, fresh(dtype));
                NoGradGuard inference = new NoGradGuard()) {
            for (Sit sit : List.of(plain, fixed)) {
                Tensor predicted = sit.forward(images(), times(), labels(), mediators);

                assertThat(sit.device()).isEqualTo(ComputeDevice.META);
                assertThat(predicted.is_meta()).isTrue();
                assertThat(predicted.shape()).containsExactly(2, 3, 8, 8);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0,1", "0.4,1"})
    void guidanceStaysOnTheDevice(String interval) {
        double start = Double.parseDouble(interval.split(",")[0]);
        try (Scope scope = Scope.open();
                Sit sit = Sit.fixed(ELASTIC, fresh(DType.F32));
                NoGradGuard inference = new NoGradGuard()) {
            Tensor guided = new Guidance(2, 2, start, 1)
                    .predict(
                            (x, t, y) -> sit.forward(x, t, y, FOUR),
                            ELASTIC.nullLabel(),
                            images(),
                            times(),
                            labels());

            assertThat(guided.is_meta()).isTrue();
            assertThat(guided.shape()).containsExactly(2, 3, 8, 8);
        }
    }

    @ParameterizedTest
    @CsvSource({"4, F32", "9, F32", "full, F32", "4, BF16", "full, BF16"})
    void gradientsStayOnTheDevice(MediatorCount mediators, DType dtype) {
        try (Scope scope = Scope.open();
                Sit sit = new Sit(ELASTIC, fresh(dtype))) {
            sit.parameters().values().forEach(parameter -> parameter.requires_grad_(true));
            Tensor loss = Transport.LINEAR_VELOCITY
                    .loss((x, t, y) -> sit.forward(x, t, y, mediators), images(), images(), times(), labels())
                    .mean();
            loss.backward();

            Tensor weight = sit.parameters().get("blocks.0.attn.qkv.weight");
            assertThat(weight.grad().is_meta()).isTrue();
            assertThat(weight.grad().shape()).isEqualTo(weight.shape());
        }
    }

    /** What the other tests rely on. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNetworkWithATensorLeftBehindFails(boolean onHost) {
        ParameterSource all = fresh(DType.F32);
        ParameterSource source = (name, init, shape) -> onHost && name.equals("blocks.1.attn.dwc.weight")
                ? new FreshParameters(0).get(name, init, shape)
                : all.get(name, init, shape);
        try (Scope scope = Scope.open();
                Sit sit = new Sit(ELASTIC, source);
                NoGradGuard inference = new NoGradGuard()) {
            if (onHost) {
                assertThatThrownBy(() -> sit.forward(images(), times(), labels(), FOUR))
                        .hasMessageContaining("same device");
            }
            assertThatThrownBy(() -> sit.forward(ComputeDevice.META.put(images()), times(), labels(), FOUR)
                            .item_double())
                    .isInstanceOf(RuntimeException.class);
        }
    }

    private static ParameterSource fresh(DType dtype) {
        FreshParameters fresh = new FreshParameters(0);
        Placement placement = new Placement(ComputeDevice.META, dtype);
        return (name, init, shape) -> placement.put(fresh.get(name, init, shape));
    }

    private static Tensor images() {
        return new Placement(ComputeDevice.META, DType.F32).zeros(2, 3, 8, 8);
    }

    private static Tensor times() {
        return Tensors.of(new float[] {0.25f, 0.5f}, 2);
    }

    private static Tensor labels() {
        return Tensors.of(new long[] {1, 4}, 2);
    }
}
