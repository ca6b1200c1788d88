package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.process.LoopBody;
import dev.mediator.process.NativeGrowth;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ScopeTest {
    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void closingFreesWhatWasMadeInside() {
        Tensor inside;
        try (Scope scope = Scope.open()) {
            inside = Tensors.zeros(DType.F32, 4);
            assertThat(inside.isNull()).isFalse();
        }
        assertThat(inside.isNull()).isTrue();
    }

    @Test
    void whatIsKeptLivesAsLongAsTheScopeAround() {
        Tensor kept;
        try (Scope outer = Scope.open()) {
            try (Scope inner = Scope.open()) {
                kept = inner.keep(Tensors.full(3, 2));
            }
            assertThat(Tensors.floats(kept)).containsExactly(3, 3);
        }
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void keptThroughThreeScopesItLivesInTheOutermost() {
        Tensor kept;
        try (Scope outer = Scope.open()) {
            try (Scope middle = Scope.open()) {
                try (Scope inner = Scope.open()) {
                    kept = inner.keep(Tensors.full(5, 1));
                }
                middle.keep(kept);
            }
            assertThat(Tensors.scalar(kept)).isEqualTo(5);
        }
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void withoutAScopeAroundWhatIsKeptBelongsToItsHolder() {
        Tensor kept;
        try (Scope scope = Scope.open()) {
            kept = scope.keep(Tensors.full(2, 3));
        }
        assertThat(Tensors.floats(kept)).containsExactly(2, 2, 2);
        kept.close();
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void whatIsReleasedOutlivesAllScopesUntilItIsClosed() {
        Tensor released;
        try (Scope outer = Scope.open();
                Scope inner = Scope.open()) {
            released = inner.release(Tensors.full(7, 1));
        }
        assertThat(Tensors.scalar(released)).isEqualTo(7);
        released.close();
        assertThat(released.isNull()).isTrue();
    }

    @Test
    void onlyTheResultOfAComputationLivesOn() {
        Tensor[] intermediate = new Tensor[1];
        try (Scope scope = Scope.open()) {
            Tensor result = Scope.keepResult(() -> {
                intermediate[0] = Tensors.full(2, 2);
                return Ops.mul(intermediate[0], 4);
            });
            assertThat(Tensors.floats(result)).containsExactly(8, 8);
            assertThat(intermediate[0].isNull()).isTrue();
        }
    }

    @Test
    void aScopeEndsAlsoWhenItsBlockThrows() {
        Tensor[] inside = new Tensor[1];
        assertThatThrownBy(() -> Scope.keepResult(() -> {
                    inside[0] = Tensors.full(1, 1);
                    throw new IllegalStateException("planned");
                }))
                .hasMessage("planned");
        assertThat(inside[0].isNull()).isTrue();
    }

    @Test
    void longLoopsLeaveNoTensorBehind() throws Exception {
        assertThat(NativeGrowth.of(ScopesInScopes.class, 10, 1000)).isZero();
    }

    /** A step with a block, a view, a result kept for the step and one that its holder closes. */
    public static final class ScopesInScopes implements LoopBody {
        private final Scope outer = Scope.open();

        @Override
        public void step() {
            try (Scope scope = Scope.open()) {
                Tensor block = Tensors.full(1, 128, 128);
                Tensor view = block.narrow(0, 0, 64).transpose(0, 1);
                try (Scope inner = Scope.open()) {
                    inner.keep(Ops.add(view, 2));
                }
                scope.release(Tensors.full(3, 64, 64)).close();
            }
        }

        @Override
        public void close() {
            outer.close();
        }
    }
}
