package dev.mediator.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MediatorAttentionTest {
    private static final int WIDTH = 24;
    private static final int HEADS = 3;
    private static final int GRID = 4;
    private static final MediatorCount FOUR = new MediatorCount(4);
    private static final MediatorCount SIXTEEN = new MediatorCount(16);

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
        x = new RandomStream(1, 0).normalTensor(0, 2, GRID * GRID, WIDTH);
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** As many mediators as tokens, without biases and with one head: pooling is the identity, so all is by hand. */
    @Test
    void withAMediatorPerTokenItIsTwoAttentionsInARow() {
        ParameterSource source = (name, init, shape) -> Tensors.to(
                name.endsWith("_bias") || name.startsWith("dwc")
                        ? Tensors.zeros(DType.F32, shape)
                        : random(name, shape),
                DType.F64);
        MediatorAttention attention = new MediatorAttention(source, WIDTH, 1, GRID, List.of(SIXTEEN));
        Tensor x64 = Tensors.to(x, DType.F64);
        Tensor out = attention.apply(x64, SIXTEEN);

        Tensor q = project(x64, "qkv", 0);
        Tensor k = project(x64, "qkv", 1);
        Tensor v = project(x64, "qkv", 2);
        double scale = 1 / Math.sqrt(WIDTH);
        Tensor read =
                Ops.softmax(Ops.mul(q.matmul(k.transpose(1, 2)), scale), 2).matmul(v);
        Tensor o = Ops.softmax(Ops.mul(q.matmul(q.transpose(1, 2)), scale), 2).matmul(read);
        Tensor golden = project(o, "proj", 0);
        assertThat(Tensors.relativeError(out, golden)).isLessThan(1e-12);
    }

    @Test
    void theConvolutionMixesNeighbouringValues() {
        ParameterSource zeroAttention =
                (name, init, shape) -> name.endsWith("_bias") ? Tensors.zeros(DType.F32, shape) : random(name, shape);
        MediatorAttention attention = new MediatorAttention(zeroAttention, WIDTH, HEADS, GRID, List.of(FOUR));
        Tensor one = Tensors.zeros(DType.F32, 1, GRID * GRID, WIDTH);
        Tensor base = attention.apply(one, FOUR);
        Tensor moved = one.clone();
        moved.narrow(1, 0, 1).fill_(new org.bytedeco.pytorch.Scalar(1.0));
        Tensor change = attention.apply(moved, FOUR).sub(base);
        assertThat(Tensors.maxAbs(change.narrow(1, GRID + 1, 1)))
                .as("a diagonal neighbour sees the kernel's corner")
                .isGreaterThan(0.01);
    }

    @Test
    void severalCountsShareWeightsAndHaveBiasesOfTheirOwn() {
        new MediatorAttention(this::random, WIDTH, HEADS, GRID, List.of(FOUR, SIXTEEN, MediatorCount.FULL));
        assertThat(parameters.keySet())
                .contains("qkv.weight", "dwc.weight", "mediators.4.an_bias", "mediators.16.wa_bias")
                .doesNotContain("an_bias")
                .hasSize(6 + 2 * 6);
        assertThat(requireNonNull(parameters.get("mediators.16.ha_bias")).shape())
                .containsExactly(1, HEADS, GRID, 1, 16);
    }

    @Test
    void countsThatAreNotServedAreNamed() {
        MediatorAttention single = new MediatorAttention(this::random, WIDTH, HEADS, GRID, List.of(FOUR));
        MediatorAttention elastic =
                new MediatorAttention(this::random, WIDTH, HEADS, GRID, List.of(FOUR, MediatorCount.FULL));

        assertThatThrownBy(() -> single.apply(x, SIXTEEN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the model has no mediator count 16, its counts are [4]");
        assertThatThrownBy(() -> single.apply(x, MediatorCount.FULL))
                .hasMessage("the model has no full attention, its counts are [4]");
        assertThatThrownBy(() -> elastic.apply(x, SIXTEEN))
                .hasMessage("the model has no mediator count 16, its counts are [4] and full");
    }

    /** Every weight takes part, biases included: a forgotten one would have a zero gradient. */
    @Test
    void everyParameterHasAGradient() {
        ParameterSource leaves = (name, init, shape) -> random(name, shape).requires_grad_(true);
        MediatorAttention attention = new MediatorAttention(leaves, WIDTH, HEADS, GRID, List.of(FOUR));
        attention.apply(x, FOUR).square().sum().backward();
        parameters.forEach((name, tensor) ->
                assertThat(Tensors.maxAbs(tensor.grad())).as(name).isGreaterThan(1e-6));
    }

    private Tensor random(String name, long... shape) {
        return random(name, Init.NORMAL, shape);
    }

    private Tensor random(String name, Init init, long... shape) {
        return parameters.computeIfAbsent(
                name, n -> Ops.mul(new RandomStream(2, n.hashCode()).normalTensor(0, shape), 0.3));
    }

    /** x·Wᵀ + b in fp64 with part {@code index} of a projection's rows. */
    private Tensor project(Tensor input, String name, int index) {
        Tensor weight = Tensors.to(requireNonNull(parameters.get(name + ".weight")), DType.F64)
                .narrow(0, (long) index * WIDTH, WIDTH);
        Tensor product = input.matmul(weight.t());
        Tensor bias = parameters.get(name + ".bias");
        return bias == null ? product : product.add(Tensors.to(bias, DType.F64).narrow(0, (long) index * WIDTH, WIDTH));
    }
}
