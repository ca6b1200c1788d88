package dev.mediator.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The maps that are handed out are those that the layer computes with. */
class AttentionMapsTest {
    private static final int WIDTH = 24;
    private static final int HEADS = 3;
    private static final int GRID = 6;
    private static final int TOKENS = GRID * GRID;
    private static final List<MediatorCount> COUNTS =
            List.of(new MediatorCount(4), new MediatorCount(16), MediatorCount.FULL);

    private final Map<String, Tensor> parameters = new HashMap<>();
    private Scope scope;
    private Tensor x;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void makeInput() {
        scope = Scope.open();
        x = new RandomStream(1, 0).normalTensor(0, 2, TOKENS, WIDTH);
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void softmaxMapsAppliedToTheValuesGiveTheLayersOutput() {
        SoftmaxAttention attention = new SoftmaxAttention(this::random, WIDTH, HEADS);
        AttentionMaps maps = attention.maps(x, MediatorCount.FULL);

        assertThat(maps).isInstanceOf(AttentionMaps.Softmax.class);
        assertIsDistribution(maps.effective(), 2, HEADS, TOKENS, TOKENS);
        Tensor o = merged(maps.effective().matmul(values()));
        assertThat(Tensors.relativeError(projected(o), attention.apply(x, MediatorCount.FULL)))
                .isLessThan(1e-5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "16", "full"})
    void mediatorMapsAppliedToTheValuesPlusTheConvolutionGiveTheLayersOutput(String count) {
        MediatorCount mediators = MediatorCount.parse(count);
        MediatorAttention attention = new MediatorAttention(this::random, WIDTH, HEADS, GRID, COUNTS);
        AttentionMaps maps = attention.maps(x, mediators);

        assertIsDistribution(maps.effective(), 2, HEADS, TOKENS, TOKENS);
        if (maps instanceof AttentionMaps.Mediated stages) {
            assertIsDistribution(stages.read(), 2, HEADS, mediators.tokens(), TOKENS);
            assertIsDistribution(stages.write(), 2, HEADS, TOKENS, mediators.tokens());
        } else {
            assertThat(mediators.isFull()).isTrue();
        }
        Tensor o = merged(maps.effective().matmul(values()));
        assertThat(Tensors.relativeError(projected(o.add(convolved())), attention.apply(x, mediators)))
                .isLessThan(1e-5);
        assertThat(Tensors.relativeError(projected(o), attention.apply(x, mediators)))
                .as("the convolution is not part of the maps")
                .isGreaterThan(0.01);
    }

    @ParameterizedTest
    @ValueSource(strings = {"16", "full"})
    void rowsAreThoseOfTheEffectiveMap(String count) {
        AttentionMaps maps =
                new MediatorAttention(this::random, WIDTH, HEADS, GRID, COUNTS).maps(x, MediatorCount.parse(count));
        Tensor rows = maps.rows(5, 35, 5);

        assertThat(maps.tokens()).isEqualTo(TOKENS);
        assertThat(rows.shape()).containsExactly(2, HEADS, 3, TOKENS);
        for (int i = 0; i < 3; i++) {
            assertThat(Tensors.relativeError(rows.select(2, i), maps.effective().select(2, i == 1 ? 35 : 5)))
                    .isLessThan(1e-6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "full"})
    void mapsOfALayerInBf16AreInFp32(String count) {
        ParameterSource rounded = (name, init, shape) -> Tensors.to(random(name, init, shape), DType.BF16);
        AttentionMaps maps = new MediatorAttention(rounded, WIDTH, HEADS, GRID, COUNTS)
                .maps(Tensors.to(x, DType.BF16), MediatorCount.parse(count));
        AttentionMaps precise =
                new MediatorAttention(this::random, WIDTH, HEADS, GRID, COUNTS).maps(x, MediatorCount.parse(count));

        assertThat(DType.of(maps.effective())).isEqualTo(DType.F32);
        assertIsDistribution(maps.effective(), 2, HEADS, TOKENS, TOKENS);
        assertThat(Tensors.relativeError(maps.effective(), precise.effective())).isLessThan(0.05);
    }

    @Test
    void countsThatAreNotServedHaveNoMaps() {
        MediatorAttention single =
                new MediatorAttention(this::random, WIDTH, HEADS, GRID, List.of(new MediatorCount(4)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> single.maps(x, new MediatorCount(16)))
                .withMessage("the model has no mediator count 16, its counts are [4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> single.maps(x, MediatorCount.FULL))
                .withMessage("the model has no full attention, its counts are [4]");
    }

    private static void assertIsDistribution(Tensor map, long... shape) {
        assertThat(map.shape()).containsExactly(shape);
        assertThat(Tensors.scalar(map.min())).isGreaterThanOrEqualTo(0);
        Tensor sums = map.sum(-1L);
        assertThat(Tensors.maxAbs(sums.sub(torch.ones_like(sums)))).isLessThan(1e-5);
        assertThat(Tensors.scalar(map.max()))
                .as("rows are not all uniform")
                .isGreaterThan(2.0 / shape[shape.length - 1]);
    }

    /** v [B, M, N, K]. */
    private Tensor values() {
        return Heads.split(flatValues(), HEADS);
    }

    private Tensor flatValues() {
        Tensor weight = requireNonNull(parameters.get("qkv.weight")).narrow(0, 2L * WIDTH, WIDTH);
        Tensor bias = requireNonNull(parameters.get("qkv.bias")).narrow(0, 2L * WIDTH, WIDTH);
        return x.matmul(weight.t()).add(bias);
    }

    /** Each channel of v convolved with its kernel, shifted product by shifted product. */
    private Tensor convolved() {
        Tensor map = flatValues().transpose(1, 2).reshape(2, WIDTH, GRID, GRID);
        Tensor padded = torch.constant_pad_nd(map, new long[] {1, 1, 1, 1}, new Scalar(0.0));
        Tensor kernel = requireNonNull(parameters.get("dwc.weight"));
        Tensor sum = requireNonNull(parameters.get("dwc.bias")).view(1, WIDTH, 1, 1);
        for (int dy = 0; dy < 3; dy++) {
            for (int dx = 0; dx < 3; dx++) {
                Tensor factor = kernel.select(3, dx).select(2, dy).view(1, WIDTH, 1, 1);
                sum = sum.add(padded.narrow(2, dy, GRID).narrow(3, dx, GRID).mul(factor));
            }
        }
        return sum.reshape(2, WIDTH, TOKENS).transpose(1, 2);
    }

    private static Tensor merged(Tensor o) {
        return Heads.merge(o);
    }

    private Tensor projected(Tensor o) {
        Tensor weight = requireNonNull(parameters.get("proj.weight"));
        return torch.linear(o, weight, new TensorOptional(requireNonNull(parameters.get("proj.bias"))));
    }

    private Tensor random(String name, Init init, long... shape) {
        return parameters.computeIfAbsent(
                name, n -> Ops.mul(new RandomStream(2, n.hashCode()).normalTensor(0, shape), 0.3));
    }
}
