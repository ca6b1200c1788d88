package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.MediatorCount;
import dev.mediator.process.NativeGrowth;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ActivationsTest {
    private static final int FEW = 2;
    private static final int MANY = 6;
    private static final int BATCH = 2;

    /** A block keeps tens of tensors for its backward pass, or little more than its tokens. */
    @Test
    void whatIsComputedAnewIsNotKept() throws Exception {
        assertThat(ofABlock(Activations.KEPT)).isGreaterThan(15);
        assertThat(ofABlock(Activations.RECOMPUTED)).isLessThan(8);
    }

    private static long ofABlock(Activations activations) throws Exception {
        long more =
                NativeGrowth.of(Forward.class, activations, MANY) - NativeGrowth.of(Forward.class, activations, FEW);
        return more / (MANY - FEW);
    }

    /** Reports what a forward pass holds that may go back. */
    static final class Forward {
        private Forward() {}

        public static void main(String[] args) {
            Engine.start(1);
            List<MediatorCount> mediators = List.of(new MediatorCount(16));
            SitConfig network =
                    new SitConfig(16, 2, 4, 32, Integer.parseInt(args[1]), 4, 4, 10, false, mediators, null);
            FreshParameters fresh = new FreshParameters(0);
            try (Scope scope = Scope.open();
                    Sit sit = new Sit(network, (name, init, shape) -> fresh.get(name, init, shape)
                            .requires_grad_(true))) {
                Tensor xt = Tensors.full(0.5, BATCH, 4, 16, 16);
                long before = NativeGrowth.alive();
                Tensor out = sit.forward(
                        xt,
                        Tensors.full(0.5, BATCH),
                        Tensors.zeros(DType.I64, BATCH),
                        new MediatorCount(16),
                        ForwardProbe.NONE,
                        Activations.valueOf(args[0]));
                NativeGrowth.report(NativeGrowth.alive() - before);
                out.sum().backward();
            }
        }
    }
}
