package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MacCounterTest {
    /** Of {@link #multiply}: [2, 5, 8] by [8, 3]. */
    private static final long PRODUCTS = 2 * 5 * 8 * 3;

    private Scope scope;

    @BeforeEach
    void openScope() {
        Engine.start();
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** In bf16 other kernels serve, and without gradients product and GELU are one. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "BF16", "F64"})
    void everyProductCountsOnce(DType dtype) {
        Tensor x = ones(dtype, 2, 5, 8);
        Tensor weight = ones(dtype, 3, 8);
        Tensor bias = ones(dtype, 3);

        assertThat(counted(() -> Ops.linear(x, weight, bias))).isEqualTo(PRODUCTS);
        assertThat(counted(() -> Ops.linear(x.view(10, 8), weight, bias))).isEqualTo(PRODUCTS);
        assertThat(counted(() -> Ops.linearGeluTanh(x, weight, bias)))
                .as("with gradients")
                .isEqualTo(PRODUCTS);
        try (NoGradGuard inference = new NoGradGuard()) {
            assertThat(counted(() -> Ops.linearGeluTanh(x, weight, bias)))
                    .as("without gradients")
                    .isEqualTo(PRODUCTS);
        }
        assertThat(counted(() -> Ops.matmul(x, weight.t()))).isEqualTo(PRODUCTS);
        assertThat(counted(() -> Ops.matmul(weight, x.transpose(1, 2))))
                .as("[3, 8] by [2, 8, 5]")
                .isEqualTo(PRODUCTS);
        assertThat(counted(() ->
                        Ops.depthwiseConvolution(ones(dtype, 2, 3, 4, 6), ones(dtype, 3, 1, 3, 3), ones(dtype, 3))))
                .isEqualTo(2 * 3 * 4 * 6 * 9);
    }

    @Test
    void whatIsNotAProductDoesNotCount() {
        Tensor x = ones(DType.F32, 2, 5, 8);
        assertThat(counted(() -> Ops.layerNorm(Ops.addProduct(x, x, Ops.mul(x, 3)))))
                .isZero();
    }

    @Test
    void anInnerCounterReportsToTheOuterOnes() {
        multiply(); // before it is opened
        try (MacCounter outer = MacCounter.open()) {
            multiply();
            try (MacCounter inner = MacCounter.open()) {
                assertThat(inner.macs()).isZero();
                multiply();
                multiply();
                assertThat(inner.macs()).isEqualTo(2 * PRODUCTS);
                assertThat(outer.macs()).as("at once").isEqualTo(3 * PRODUCTS);
            }
            multiply();
            assertThat(outer.macs()).isEqualTo(4 * PRODUCTS);
        }
    }

    @Test
    void aClosedCounterKeepsItsSum() {
        MacCounter counter = MacCounter.open();
        multiply();
        counter.close();
        multiply();
        counter.close();
        assertThat(counter.macs()).isEqualTo(PRODUCTS);
    }

    @Test
    void otherThreadsAreNotCounted() {
        try (MacCounter here = MacCounter.open()) {
            long there = CompletableFuture.supplyAsync(() -> counted(MacCounterTest::multiply))
                    .join();
            assertThat(there).isEqualTo(PRODUCTS);
            assertThat(here.macs()).isZero();
        }
    }

    @Test
    void closingOutOfOrderOrOnAnotherThreadIsRefused() {
        try (MacCounter outer = MacCounter.open();
                MacCounter inner = MacCounter.open()) {
            assertThatThrownBy(outer::close).isInstanceOf(IllegalStateException.class);
            CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(inner::close);
            assertThatThrownBy(elsewhere::join).hasCauseInstanceOf(IllegalStateException.class);
            multiply();
            assertThat(outer.macs()).as("still counting").isEqualTo(PRODUCTS);
        }
    }

    @Test
    void whatIsUncountedReachesNoCounter() {
        try (MacCounter outer = MacCounter.open();
                MacCounter inner = MacCounter.open()) {
            multiply();
            MacCounter.uncounted(() -> counted(MacCounterTest::multiply));
            assertThat(inner.macs()).isEqualTo(PRODUCTS);
            multiply();
            assertThat(outer.macs()).as("counting again").isEqualTo(2 * PRODUCTS);
        }
    }

    private static void multiply() {
        try (Scope own = Scope.open()) {
            Ops.linear(ones(DType.F32, 2, 5, 8), ones(DType.F32, 3, 8), ones(DType.F32, 3));
        }
    }

    private static Tensor ones(DType dtype, long... shape) {
        return Tensors.to(Tensors.full(1, shape), dtype);
    }

    private static long counted(Runnable products) {
        try (MacCounter counter = MacCounter.open()) {
            products.run();
            return counter.macs();
        }
    }
}
