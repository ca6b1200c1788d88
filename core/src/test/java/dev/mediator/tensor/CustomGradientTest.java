package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.process.LoopBody;
import dev.mediator.process.NativeGrowth;
import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CustomGradientTest {
    private Scope scope;
    private Tensor x;
    private Tensor a;
    private Tensor b;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void makeLeaves() {
        scope = Scope.open();
        x = leaf(1, 2, 3);
        a = leaf(4, 5, 6);
        b = leaf(7);
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** a·x² + b. */
    private static Tensor parabola(Tensor x, Tensor a, Tensor b) {
        return CustomGradient.of(x, List.of(a, b), saved -> {
            Tensor x2 = saved.keep(x.square());
            Tensor ax = saved.keep(a.mul(x));
            return new CustomGradient.Result(ax.mul(x).add(b), (dy, gradients) -> {
                gradients.put(a, dy.mul(x2));
                gradients.put(b, dy.sum().view(1));
                return Ops.mul(dy.mul(ax), 2);
            });
        });
    }

    @Test
    void gradientsFlowThroughItLikeThroughAnyOther() {
        Tensor in = Ops.mul(x, 2); // 2, 4, 6
        Tensor y = parabola(in, a, b); // 23, 87, 223
        assertThat(Tensors.floats(y)).containsExactly(23, 87, 223);
        y.mul(Tensors.of(new float[] {1, 10, 100}, 3)).sum().backward();

        assertThat(Tensors.floats(x.grad())).containsExactly(2 * 16, 2 * 400, 2 * 7200);
        assertThat(Tensors.floats(a.grad())).containsExactly(4, 160, 3600);
        assertThat(Tensors.floats(b.grad())).containsExactly(111);

        parabola(in.detach(), a, b).sum().backward();
        assertThat(Tensors.floats(a.grad())).as("gradients add up").containsExactly(8, 176, 3636);
    }

    @Test
    void itMayBeGoneBackSeveralTimes() {
        Tensor loss = parabola(x, a, b).sum();
        loss._backward(new TensorVector(), new TensorOptional(), new BoolOptional(true), false);
        loss.backward();
        assertThat(Tensors.floats(x.grad())).containsExactly(16, 40, 72);
    }

    @Test
    void onlyGradientsThatAreAskedForAreMade() {
        Tensor constant = Tensors.of(new float[] {4, 5, 6}, 3);
        boolean[] asked = new boolean[2];
        Tensor y = CustomGradient.of(
                x,
                List.of(constant, b),
                saved -> new CustomGradient.Result(x.add(b), (dy, gradients) -> {
                    asked[0] = gradients.needs(constant);
                    asked[1] = gradients.needs(b);
                    gradients.put(constant, dy);
                    return dy;
                }));
        TensorVector ofX = torch.grad(new TensorVector(y.sum()), new TensorVector(x));
        assertThat(asked).containsExactly(false, true);
        assertThat(Tensors.floats(ofX.get(0))).containsExactly(1, 1, 1);
        assertThat(b.grad().defined()).as("only x was asked for").isFalse();

        y = CustomGradient.of(x, List.of(b), saved -> new CustomGradient.Result(x.add(b), (dy, gradients) -> dy));
        y.sum().backward();
        assertThat(Tensors.floats(b.grad())).as("none was put").containsExactly(0);
    }

    @Test
    void nothingIsRecordedWhereAutogradRecordsNothing() {
        int before = NativeLifetime.alive();
        try (NoGradGuard guard = new NoGradGuard()) {
            assertThat(parabola(x, a, b).requires_grad()).isFalse();
        }
        assertThat(parabola(x.detach(), a.detach(), b.detach()).requires_grad()).isFalse();
        assertThat(NativeLifetime.alive()).isEqualTo(before);
    }

    @Test
    void whatIsKeptIsFreedWithTheGraph() {
        int before = NativeLifetime.alive();
        try (Scope step = Scope.open()) {
            Tensor loss =
                    Scope.keepResult(() -> parabola(parabola(x, a, b), a, b).sum());
            assertThat(NativeLifetime.alive()).isEqualTo(before + 2);
            loss.backward();
        }
        assertThat(NativeLifetime.alive()).as("after a backward pass").isEqualTo(before);
        try (Scope step = Scope.open()) {
            parabola(x, a, b);
            assertThat(NativeLifetime.alive()).isEqualTo(before + 1);
        }
        assertThat(NativeLifetime.alive()).as("without one").isEqualTo(before);
    }

    @Test
    void errorsReachTheCaller() {
        Tensor y = CustomGradient.of(
                x,
                List.of(),
                saved -> new CustomGradient.Result(x.neg(), (dy, gradients) -> {
                    throw new IllegalStateException("no way back");
                }));
        Tensor loss = y.sum();
        assertThatThrownBy(loss::backward).hasMessageContaining("no way back");
        assertThatThrownBy(() ->
                        CustomGradient.of(x, List.of(), saved -> new CustomGradient.Result(b, (dy, gradients) -> dy)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the function's value has shape [1], expected is [3]");
    }

    @Test
    void goingBackLeavesNothingBehind() throws Exception {
        assertThat(NativeGrowth.of(Loop.class, 10, 1000)).isZero();
    }

    /** Two functions in a row over 4 KB, forward and backward. */
    public static final class Loop implements LoopBody {
        private final Scope scope = Scope.open();
        private final Tensor x = Tensors.full(0.5, 1000).requires_grad_(true);
        private final Tensor a = Tensors.full(0.5, 1000).requires_grad_(true);
        private final Tensor b = Tensors.full(0.5, 1).requires_grad_(true);

        @Override
        public void step() {
            try (Scope step = Scope.open()) {
                parabola(parabola(x, a, b), a, b).sum().backward();
            }
        }

        @Override
        public void close() {
            scope.close();
        }
    }

    private static Tensor leaf(float... values) {
        return Tensors.of(values, values.length).requires_grad_(true);
    }
}
