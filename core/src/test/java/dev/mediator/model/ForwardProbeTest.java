package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.nn.AttentionMaps;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A probe sees the attention maps of every block, and what it looks at changes nothing. */
class ForwardProbeTest {
    private static final MediatorCount FOUR = new MediatorCount(4);
    private static final SitConfig CONFIG =
            new SitConfig(8, 2, 1, 16, 3, 2, 4, 2, false, List.of(FOUR, MediatorCount.FULL), List.of(0, 2));

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void mapsOfEveryBlockAreOffered() {
        List<String> seen = new ArrayList<>();
        forward(FOUR, new ForwardProbe() {
            @Override
            public void record(String module, Tensor output) {
                seen.add(module);
            }

            @Override
            public void attention(int block, Supplier<AttentionMaps> maps) {
                AttentionMaps found = maps.get();
                seen.add(block + " " + found.getClass().getSimpleName() + " "
                        + Arrays.toString(found.effective().shape()));
            }
        });
        assertThat(seen)
                .containsSubsequence(
                        "0 Mediated [2, 2, 16, 16]",
                        "blocks.0.attn",
                        "blocks.0",
                        "1 Softmax [2, 2, 16, 16]",
                        "blocks.1.attn",
                        "2 Mediated [2, 2, 16, 16]",
                        "blocks.2.attn");
    }

    /** Two forward passes through the same maps; the second block's input depends on the first block's. */
    @Test
    void lookingChangesNoBit() {
        for (MediatorCount mediators : CONFIG.mediators()) {
            float[] looked = forward(mediators, new ForwardProbe() {
                @Override
                public void record(String module, Tensor output) {}

                @Override
                public void attention(int block, Supplier<AttentionMaps> maps) {
                    maps.get().effective();
                    maps.get().effective();
                }
            });
            assertThat(looked).isEqualTo(forward(mediators, ForwardProbe.NONE));
        }
    }

    private static float[] forward(MediatorCount mediators, ForwardProbe probe) {
        try (Scope scope = Scope.open();
                NoGradGuard guard = new NoGradGuard();
                Sit sit = new Sit(
                        CONFIG,
                        (name, init, shape) ->
                                Ops.mul(new RandomStream(3, name.hashCode()).normalTensor(0, shape), 0.2))) {
            Tensor xt = new RandomStream(1, 0).normalTensor(0, 2, 1, 8, 8);
            Tensor t = Tensors.of(new float[] {0.2f, 0.7f}, 2);
            return Tensors.floats(sit.forward(xt, t, Tensors.of(new long[] {0, 1}, 2), mediators, probe));
        }
    }
}
