package dev.mediator.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The numbers of the reference are compared by the golden check of fine-tuning. */
class ResolutionChangeTest {
    private Scope scope;

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** From 3 to 5 tokens a side: the old values stay at every second place, their means come between. */
    @Test
    void biasesAreInterpolatedWithTheirEndsKept() {
        float[] low = {1, 5, 3};
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("blocks.0.attn.ah_bias", Tensors.of(low, 1, 1, 1, 3, 1));
        tensors.put("blocks.0.attn.aw_bias", Tensors.of(low, 1, 1, 1, 1, 3));
        tensors.put("blocks.0.attn.mediators.4.ha_bias", Tensors.of(low, 1, 1, 3, 1, 1));
        tensors.put("blocks.0.attn.mediators.4.wa_bias", Tensors.of(low, 1, 1, 1, 3, 1));

        Map<String, Tensor> changed = ResolutionChange.apply(tensors, 5);

        assertThat(changed.keySet()).containsExactlyElementsOf(tensors.keySet());
        changed.forEach(
                (name, tensor) -> assertThat(Tensors.floats(tensor)).as(name).containsExactly(1, 3, 5, 4, 3));
        assertThat(requireNonNull(changed.get("blocks.0.attn.aw_bias")).shape()).containsExactly(1, 1, 1, 1, 5);
        assertThat(requireNonNull(changed.get("blocks.0.attn.mediators.4.ha_bias"))
                        .shape())
                .containsExactly(1, 1, 5, 1, 1);
    }

    @Test
    void allElseStaysAndThePositionsGo() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("pos_embed", Tensors.zeros(DType.F32, 1, 9, 8));
        tensors.put("blocks.0.attn.an_bias", Tensors.zeros(DType.F32, 2, 4, 7, 7));
        tensors.put("blocks.0.attn.qkv.weight", Tensors.zeros(DType.F32, 24, 8));

        Map<String, Tensor> changed = ResolutionChange.apply(tensors, 6);

        assertThat(changed).containsOnlyKeys("blocks.0.attn.an_bias", "blocks.0.attn.qkv.weight");
        changed.forEach((name, tensor) -> assertThat(tensor).isSameAs(tensors.get(name)));
    }

    @Test
    void anElasticNetworkRunsOnTheNewGrid() {
        SitConfig low =
                new SitConfig(8, 2, 1, 16, 2, 2, 4, 3, false, List.of(new MediatorCount(4), MediatorCount.FULL), null);
        try (Sit small = new Sit(low, new RandomWeights(0.1));
                Sit large = new Sit(
                        low.withInputSize(12),
                        new StoredParameters(ResolutionChange.apply(small.parameters(), 6), DType.F32))) {
            Tensor out =
                    large.forward(Tensors.full(0.5, 1, 1, 12, 12), Tensors.full(0.3, 1), Tensors.of(new long[] {1}, 1));
            assertThat(out.shape()).containsExactly(1, 1, 12, 12);
            assertThat(Tensors.isFinite(out)).isTrue();
        }
    }
}
