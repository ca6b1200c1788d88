package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.model.FlopCount.Part;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a forward pass multiplies, counted while it runs, is what the formulas say: exactly, whatever kernels serve. */
class CountedProductsTest {
    /** Softmax, single counts and elastic networks, with mediators in all blocks and in some. */
    static Stream<SitConfig> networks() {
        return Stream.of(
                config(null, "full"),
                config(null, "4"),
                config(null, "16"),
                config(null, "64"),
                config(List.of(0, 2), "16"),
                config(List.of(), "16"),
                config(null, "4", "16", "64", "full"),
                config(List.of(1), "4", "64", "full"));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void samplingIssuesTheProductsOfTheFormulas(SitConfig config) {
        try (NoGradGuard inference = new NoGradGuard()) {
            assertCounts(config, DType.F32);
            assertCounts(config, DType.BF16);
        }
    }

    /** With gradients other kernels serve: attention with biases is written out, and GELU is a call of its own. */
    @ParameterizedTest
    @MethodSource("networks")
    void trainingIssuesTheProductsOfTheFormulas(SitConfig config) {
        assertCounts(config, DType.F32);
        assertCounts(config, DType.BF16);
    }

    /** Module by module, at the moment when each is done. */
    @ParameterizedTest
    @ValueSource(strings = {"full", "16"})
    void eachModuleIssuesWhatItsPartsSay(String mediators) {
        SitConfig config = config(null, mediators);
        MediatorCount count = MediatorCount.parse(mediators);
        FlopCount parts = FlopCount.of(config, count);
        Map<String, Long> counted = new LinkedHashMap<>();
        try (Scope scope = Scope.open();
                NoGradGuard guard = new NoGradGuard();
                Sit sit = new Sit(config, new RandomWeights(0.1));
                MacCounter counter = MacCounter.open()) {
            ForwardProbe probe = (module, output) -> counted.put(
                    module,
                    counter.macs() - counted.values().stream().mapToLong(m -> m).sum());
            sit.forward(torch.zeros(1, 3, 16, 16), Tensors.full(0.5, 1), Tensors.zeros(DType.I64, 1), count, probe);
        }

        long mlp = parts.macs(Part.MLP) / config.depth();
        long embedders = parts.macs(Part.PATCHES) + parts.macs(Part.CONDITIONING);
        long modulations = parts.macs(Part.MODULATION);
        long ofFinal = 2L * config.width() * config.width();
        long attention = (parts.total() - embedders - modulations - parts.macs(Part.MLP) - parts.macs(Part.FINAL))
                / config.depth();
        assertThat(counted)
                .containsEntry("x_embedder", parts.macs(Part.PATCHES))
                .containsEntry("t_embedder", parts.macs(Part.CONDITIONING))
                .containsEntry("y_embedder", 0L)
                .containsEntry("blocks.0.attn", attention + modulations + ofFinal) // those of all layers come first
                .containsEntry("blocks.0", mlp)
                .containsEntry("blocks.2.attn", attention)
                .containsEntry("blocks.2", mlp)
                .containsEntry("final_layer", parts.macs(Part.FINAL) - ofFinal);
    }

    private static void assertCounts(SitConfig config, DType dtype) {
        for (MediatorCount count : config.mediators()) {
            for (int batch : new int[] {1, 3}) {
                assertThat(counted(config, count, dtype, batch))
                        .as("%s mediators, %s, batch %d", count, dtype, batch)
                        .isEqualTo(batch * FlopCount.forward(config, count));
            }
        }
    }

    private static long counted(SitConfig config, MediatorCount count, DType dtype, int batch) {
        try (Scope scope = Scope.open();
                Sit fp32 = new Sit(config, new RandomWeights(0.1));
                Sit sit = fp32.to(dtype)) {
            Tensor xt = torch.zeros(batch, config.inChannels(), config.inputSize(), config.inputSize());
            Tensor t = Tensors.full(0.5, batch);
            Tensor y = Tensors.zeros(DType.I64, batch);
            try (MacCounter counter = MacCounter.open()) {
                sit.forward(xt, t, y, count);
                return counter.macs();
            }
        }
    }

    private static SitConfig config(@Nullable List<Integer> blocks, String... mediators) {
        List<MediatorCount> counts =
                Arrays.stream(mediators).map(MediatorCount::parse).toList();
        return new SitConfig(16, 2, 3, 16, 3, 2, 4, 10, false, counts, blocks);
    }
}
