package dev.mediator.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.nn.FreshParameters;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StripsTest {
    private Scope scope;
    private NoGradGuard inference;

    @BeforeEach
    void open() {
        Engine.start();
        scope = Scope.open();
        inference = new NoGradGuard();
    }

    @AfterEach
    void close() {
        inference.close();
        scope.close();
    }

    private static Tensor map(long... shape) {
        return new RandomStream(3, 0).normalTensor(0, shape);
    }

    @Test
    void anyRowsOfADoubledMapAreThoseOfTheWhole() {
        Convolution convolution = Convolution.same(new FreshParameters(1), "conv", 4, 4);
        Rows.Doubled doubled = new Rows.Doubled(map(1, 4, 5, 3), convolution);
        Tensor whole = doubled.whole();

        assertThat(doubled.shape()).containsExactly(whole.shape());
        for (int from = 0; from < 10; from++) {
            for (int to = from + 1; to <= 10; to++) {
                assertThat(Tensors.relativeError(doubled.part(from, to), whole.narrow(2, from, to - from)))
                        .isLessThan(1e-6);
            }
        }
    }

    /** With a mean far from 0, where sums of squares would lose all digits. */
    @Test
    void statisticsOfStripsAreThoseOfTheMap() {
        GroupNorm norm = GroupNorm.of(new FreshParameters(0), "norm", 6, 3);
        Tensor x = Ops.add(map(2, 6, 7, 5), 1000);

        Tensor whole = norm.apply(x);
        Tensor inParts = norm.over(Rows.of(x), new Strips(1)).apply(x.narrow(2, 2, 3));

        assertThat(Tensors.relativeError(inParts, whole.narrow(2, 2, 3))).isLessThan(1e-3);
        assertThat(Tensors.scalar(whole.std())).isBetween(0.9, 1.1);
    }

    @ParameterizedTest
    @CsvSource({"8, 8", "8, 4"})
    void aBlockInStripsIsTheBlock(long in, long out) {
        for (boolean doubles : new boolean[] {false, true}) {
            FreshParameters fresh = new FreshParameters(2);
            Convolution doubling = doubles ? Convolution.same(fresh, "doubling", in, in) : null;
            ResidualBlock block = new ResidualBlock(fresh, in, out, 2, doubling);
            Tensor x = map(2, in, 6, 5);
            Tensor whole = block.apply(x, Strips.on(ComputeDevice.CPU));

            for (long elements : new long[] {1, 200, 300}) {
                assertThat(Tensors.relativeError(block.apply(x.clone(), new Strips(elements)), whole))
                        .isLessThan(1e-5);
            }
        }
    }

    @Test
    void smallMapsAndThoseOfTrainingsAreNotCut() {
        assertThat(new Strips(100).holdWhole(1, 10, 10, 2)).isTrue(); // two strips
        assertThat(new Strips(100).holdWhole(1, 10, 11, 2)).isFalse();
        inference.close();
        assertThat(new Strips(1).holdWhole(1, 10, 10, 2)).isTrue();
        inference = new NoGradGuard();
    }

    /** Each strip's statistics are waited for there, once per normalisation. */
    @Test
    void cardHoldsMapsWholeThatTheHostCuts() {
        long[] map = {1, 128, 1024, 1024};

        assertThat(Strips.on(ComputeDevice.CPU).holdWhole(map)).isFalse();
        assertThat(Strips.on(ComputeDevice.cuda(0)).holdWhole(map)).isTrue();
    }
}
