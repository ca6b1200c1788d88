package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.MediatorCount;
import dev.mediator.process.MemoryGrowth;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ActivationsTest {
    private static final SitConfig NETWORK =
            new SitConfig(64, 2, 4, 128, 8, 4, 4, 10, false, List.of(new MediatorCount(16)), null);
    private static final int BATCH = 2;
    private static final double TOKENS_MEGABYTES = BATCH * 1024 * 128 * 4 / 1e6;

    /** A block keeps about twenty times its tokens, or its tokens only. */
    @Test
    void whatIsComputedAnewIsNotKept() throws Exception {
        double kept = MemoryGrowth.megabytes(Forward.class, Activations.KEPT);
        double recomputed = MemoryGrowth.megabytes(Forward.class, Activations.RECOMPUTED);

        assertThat(kept - recomputed)
                .as("MB of %.0f and %.0f after a forward pass", kept, recomputed)
                .isGreaterThan(15 * NETWORK.depth() * TOKENS_MEGABYTES);
    }

    /** Reports what a forward pass holds that may go back. */
    static final class Forward {
        private Forward() {}

        public static void main(String[] args) {
            System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0"); // else four times the small Java heap
            Engine.start(1);
            FreshParameters fresh = new FreshParameters(0);
            try (Scope scope = Scope.open();
                    Sit sit = new Sit(NETWORK, (name, init, shape) -> fresh.get(name, init, shape)
                            .requires_grad_(true))) {
                Tensor xt = Tensors.full(0.5, BATCH, 4, 64, 64);
                double before = MemoryGrowth.residentMegabytes();
                Tensor out = sit.forward(
                        xt,
                        Tensors.full(0.5, BATCH),
                        Tensors.zeros(DType.I64, BATCH),
                        new MediatorCount(16),
                        ForwardProbe.NONE,
                        Activations.valueOf(args[0]));
                MemoryGrowth.report(MemoryGrowth.residentMegabytes() - before);
                out.sum().backward();
            }
        }
    }
}
