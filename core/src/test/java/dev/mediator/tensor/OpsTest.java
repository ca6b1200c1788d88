package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.process.LoopBody;
import dev.mediator.process.NativeGrowth;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpsTest {
    private static final RandomStream RANDOM = new RandomStream(42, 0);

    private Scope scope;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** The product as a 1×1 convolution is the product, forward and backward. */
    @ParameterizedTest
    @CsvSource({"2, 64, 48, 144", "1, 1, 8, 3", "3, 49, 192, 768", "4, 7, 5, 1"})
    void linearAgreesWithLibtorchInValueAndGradient(long batch, long tokens, long in, long out) {
        Tensor cotangent = RANDOM.normalTensor(9, batch, tokens, out);
        Tensor[] ours = leaves(batch, tokens, in, out);
        Tensor[] theirs = leaves(batch, tokens, in, out);

        Tensor y = Ops.linear(ours[0], ours[1], ours[2]);
        y.mul(cotangent).sum().backward();
        Tensor golden = torch.linear(theirs[0], theirs[1], new TensorOptional(theirs[2]));
        golden.mul(cotangent).sum().backward();

        assertThat(y.shape()).containsExactly(batch, tokens, out);
        assertThat(Tensors.relativeError(y, golden)).isLessThan(2e-6);
        for (int i = 0; i < 3; i++) {
            assertThat(Tensors.relativeError(ours[i].grad(), theirs[i].grad()))
                    .as("gradient " + i)
                    .isLessThan(2e-6);
        }
    }

    @Test
    void linearTakesMatricesAndOtherElementTypesToo() {
        Tensor[] fp32 = leaves(3, 5, 16, 4);
        Tensor matrix = fp32[0].view(15, 16);
        Tensor golden = Ops.linear(fp32[0], fp32[1], fp32[2]);

        Tensor flat = Ops.linear(matrix, fp32[1], fp32[2]);
        Tensor bf16 = Ops.linear(
                Tensors.to(fp32[0], DType.BF16), Tensors.to(fp32[1], DType.BF16), Tensors.to(fp32[2], DType.BF16));

        assertThat(Tensors.relativeError(flat.view(3, 5, 4), golden)).isLessThan(2e-6);
        assertThat(DType.of(bf16)).isEqualTo(DType.BF16);
        assertThat(Tensors.relativeError(bf16, golden)).isBetween(1e-5, 0.02);
    }

    @Test
    void layerNormHasMeanZeroAndVarianceOne() {
        Tensor x = Ops.add(Ops.mul(RANDOM.normalTensor(3, 6, 96), 7), 100);
        double[] row = Tensors.doubles(Ops.layerNorm(x).narrow(0, 2, 1));
        double mean = 0;
        double square = 0;
        for (double value : row) {
            mean += value / row.length;
            square += value * value / row.length;
        }
        assertThat(mean).isCloseTo(0, within(1e-5));
        assertThat(square).isCloseTo(1, within(1e-5));
    }

    @Test
    void geluIsTheTanhForm() {
        double[] x = {-3, -0.5, 0, 0.7, 2};
        Tensor identity = Tensors.of(new double[] {1}, 1, 1);
        Tensor bias = Tensors.of(new double[] {0.5}, 1);
        double[] y = Tensors.doubles(Ops.linearGeluTanh(Tensors.of(x, x.length, 1), identity, bias));
        for (int i = 0; i < x.length; i++) {
            double sum = x[i] + 0.5;
            double inner = Math.sqrt(2 / Math.PI) * (sum + 0.044715 * Math.pow(sum, 3));
            assertThat(y[i]).isCloseTo(0.5 * sum * (1 + Math.tanh(inner)), within(1e-12));
        }
    }

    /** Without gradients another kernel serves, which computes product and GELU together. */
    @ParameterizedTest
    @CsvSource({"2, 64, 48, 192", "1, 1, 8, 3", "4, 49, 192, 768"})
    void fusedGeluAgreesWithTheOneThatRecordsGradients(long batch, long tokens, long in, long out) {
        Tensor[] operands = leaves(batch, tokens, in, out);
        Tensor golden = Ops.linearGeluTanh(operands[0], operands[1], operands[2]);
        try (NoGradGuard guard = new NoGradGuard()) {
            Tensor fused = Ops.linearGeluTanh(operands[0], operands[1], operands[2]);
            assertThat(golden.requires_grad()).isTrue();
            assertThat(fused.shape()).containsExactly(batch, tokens, out);
            assertThat(Tensors.relativeError(fused, golden)).isLessThan(5e-6);
            Tensor bf16 = Ops.linearGeluTanh(
                    Tensors.to(operands[0], DType.BF16),
                    Tensors.to(operands[1], DType.BF16),
                    Tensors.to(operands[2], DType.BF16));
            assertThat(DType.of(bf16)).isEqualTo(DType.BF16);
            assertThat(Tensors.relativeError(bf16, golden)).isLessThan(0.02);
        }
    }

    @Test
    void fusedGeluLeavesNothingBehind() throws Exception {
        assertThat(NativeGrowth.of(FusedGelu.class, 10, 1000)).isZero();
    }

    /** One product with GELU; its result has 64 KB. */
    public static final class FusedGelu implements LoopBody {
        private final NoGradGuard guard = new NoGradGuard();
        private final Scope scope = Scope.open();
        private final Tensor x = Tensors.full(1, 1, 64, 16);
        private final Tensor weight = Tensors.full(1, 256, 16);
        private final Tensor bias = Tensors.full(1, 256);

        @Override
        public void step() {
            try (Scope step = Scope.open()) {
                Ops.linearGeluTanh(x, weight, bias);
            }
        }

        @Override
        public void close() {
            scope.close();
            guard.close();
        }
    }

    @Test
    void smallOperationsDoWhatTheirNamesSay() {
        Tensor a = Tensors.of(new float[] {1, 2}, 1, 2);
        Tensor b = Tensors.of(new float[] {3, 4}, 1, 2);
        assertThat(Tensors.floats(Ops.add(a, 0.5))).containsExactly(1.5f, 2.5f);
        assertThat(Tensors.floats(Ops.mul(a, -2))).containsExactly(-2, -4);
        assertThat(Tensors.floats(Ops.addProduct(a, b, b))).containsExactly(10, 18);
        assertThat(Ops.cat(0, a, b).shape()).containsExactly(2, 2);
        assertThat(Tensors.floats(Ops.cat(1, a, b))).containsExactly(1, 2, 3, 4);
        assertThat(Tensors.doubles(Ops.softmax(Tensors.of(new double[] {0, Math.log(3)}, 2), 0)))
                .containsExactly(new double[] {0.25, 0.75}, within(1e-15));
    }

    @Test
    void sumsAreWrittenOverTheFirstTermOnlyWhereNoGradientIsRecorded() {
        Tensor first = Tensors.of(new float[] {1, 2}, 2);
        Tensor second = Tensors.of(new float[] {3, 4}, 2);
        assertThat(Tensors.floats(Ops.addTo(first, second))).containsExactly(4, 6);
        assertThat(Tensors.floats(first)).containsExactly(1, 2);
        try (NoGradGuard inference = new NoGradGuard()) {
            assertThat(Tensors.floats(Ops.addTo(first, second))).containsExactly(4, 6);
        }
        assertThat(Tensors.floats(first)).containsExactly(4, 6);
    }

    private static Tensor[] leaves(long batch, long tokens, long in, long out) {
        Tensor[] leaves = {
            RANDOM.normalTensor(0, batch, tokens, in), RANDOM.normalTensor(1, out, in), RANDOM.normalTensor(2, out)
        };
        for (Tensor leaf : leaves) {
            leaf.requires_grad_(true);
        }
        return leaves;
    }

    /** The kernel for CPUs is slow in bf16: it computes in fp32, and what it answers is rounded once. */
    @Test
    void attentionOfBf16IsThatOfItsValuesInFp32() {
        try (Scope scope = Scope.open()) {
            Tensor q = Tensors.to(new RandomStream(1, 0).normalTensor(0, 2, 1, 20, 8), DType.BF16);
            Tensor k = Tensors.to(new RandomStream(1, 0).normalTensor(1, 2, 1, 20, 8), DType.BF16);
            Tensor v = Tensors.to(new RandomStream(1, 0).normalTensor(2, 2, 1, 20, 8), DType.BF16);
            Tensor wide = Ops.attention(Tensors.to(q, DType.F32), Tensors.to(k, DType.F32), Tensors.to(v, DType.F32));

            Tensor read = Ops.attention(q, k, v);

            assertThat(DType.of(read)).isEqualTo(DType.BF16);
            assertThat(Tensors.floats(read)).isEqualTo(Tensors.floats(Tensors.to(wide, DType.BF16)));
        }
    }
}
