package dev.mediator.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.ParameterSource;
import dev.mediator.process.LoopBody;
import dev.mediator.process.NativeGrowth;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SitTest {
    private static final MediatorCount FOUR = new MediatorCount(4);
    private static final MediatorCount SIXTEEN = new MediatorCount(16);
    private static final RandomWeights WEIGHTS = new RandomWeights(0.1);
    private static final int BATCH = 3;

    private Scope scope;
    private Tensor x;
    private Tensor t;
    private Tensor y;

    @BeforeEach
    void makeInput() {
        scope = Scope.open();
        x = new RandomStream(1, 0).normalTensor(0, BATCH, 3, 8, 8);
        t = Tensors.of(new float[] {0.1f, 0.5f, 0.9f}, BATCH);
        y = Tensors.of(new long[] {0, 5, 10}, BATCH);
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** Trained values in millions, of a network for 256×256 images. */
    @ParameterizedTest
    @CsvSource({
        "SiT-S/2, full, 32.96", "SiT-B/2, full, 130.51", "SiT-L/2, full, 458.10", "SiT-XL/2, full, 675.13",
        "SiT-S/2, 64, 33.76", "SiT-B/2, 64, 132.10", "SiT-L/2, 64, 462.33", "SiT-XL/2, 64, 680.10",
    })
    void parametersAreAsManyAsPublished(String preset, String mediators, double millions) {
        SitConfig config = SitPreset.config(preset, 32, 4, 1000, true, List.of(MediatorCount.parse(mediators)));
        ParameterSource withoutMemory =
                (name, init, shape) -> Tensors.zeros(DType.F32, 1).expand(shape);
        try (Sit sit = new Sit(config, withoutMemory)) {
            long published = sit.parameterCount() + sit.positions().numel();
            assertThat(published / 1e6).isCloseTo(millions, within(0.006));
        }
    }

    @Test
    void aFreshNetworkPredictsZero() {
        try (Sit sit = Sit.fresh(config(List.of(FOUR), null), 1)) {
            assertThat(Tensors.maxAbs(sit.forward(x, t, y))).isZero();
        }
    }

    @Test
    void aFreshNetworkIsInitialisedAsPublished() {
        SitConfig config = new SitConfig(32, 4, 4, 384, 1, 6, 4, 1000, true, List.of(SIXTEEN), null);
        try (Sit sit = Sit.fresh(config, 4)) {
            Map<String, Double> deviations = new TreeMap<>();
            sit.parameters().forEach((name, tensor) -> deviations.put(name, deviation(tensor)));
            deviations.forEach((name, deviation) -> assertThat(deviation)
                    .as(name)
                    .isCloseTo(expectedDeviation(name), withinPercentage(name.endsWith("bias") ? 12 : 5)));
        }
    }

    private static double expectedDeviation(String name) {
        double depthwise = 1 / Math.sqrt(27);
        if (name.contains("adaLN_modulation") || name.startsWith("final_layer")) {
            return 0;
        } else if (name.contains("dwc")) {
            return depthwise;
        } else if (name.contains("embedding_table") || name.matches(".*\\.(an|na|ah|aw|ha|wa)_bias")) {
            return 0.02;
        } else if (name.endsWith(".bias")) {
            return 0;
        } else if (name.startsWith("t_embedder")) {
            return 0.02;
        }
        double fanInAndOut =
                switch (name.replace("blocks.0.", "")) {
                    case "x_embedder.proj.weight" -> 4 * 4 * 4 + 384;
                    case "attn.qkv.weight" -> 384 + 3 * 384;
                    case "attn.proj.weight" -> 384 + 384;
                    default -> 384 + 4 * 384;
                };
        return Math.sqrt(2 / fanInAndOut);
    }

    @Test
    void theSameSeedIsTheSameNetwork() {
        SitConfig config = config(List.of(FOUR), null);
        try (Sit one = Sit.fresh(config, 5);
                Sit two = Sit.fresh(config, 5);
                Sit other = Sit.fresh(config, 6)) {
            String name = "blocks.1.mlp.fc1.weight";
            float[] values = Tensors.floats(requireNonNull(one.parameters().get(name)));
            assertThat(Tensors.floats(requireNonNull(two.parameters().get(name))))
                    .isEqualTo(values);
            assertThat(Tensors.floats(requireNonNull(other.parameters().get(name))))
                    .isNotEqualTo(values);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "4", "16"})
    void samplesOfABatchDoNotTouchEachOther(String mediators) {
        try (Sit sit = new Sit(config(List.of(MediatorCount.parse(mediators)), null), WEIGHTS)) {
            Tensor together = sit.forward(x, t, y);
            for (int i = 0; i < BATCH; i++) {
                Tensor alone = sit.forward(x.narrow(0, i, 1), t.narrow(0, i, 1), y.narrow(0, i, 1));
                assertThat(Tensors.relativeError(together.narrow(0, i, 1), alone))
                        .isLessThan(5e-6);
            }
        }
    }

    @Test
    void timeAndLabelMatter() {
        try (Sit sit = new Sit(config(List.of(FOUR), null), WEIGHTS)) {
            Tensor base = sit.forward(x, t, y);
            assertThat(Tensors.relativeError(sit.forward(x, Ops.add(t, 0.05), y), base))
                    .isGreaterThan(1e-4);
            Tensor otherLabels = Tensors.of(new long[] {1, 6, 9}, BATCH);
            assertThat(Tensors.relativeError(sit.forward(x, t, otherLabels), base))
                    .isGreaterThan(1e-4);
        }
    }

    /** Weights under the names of the one count, with the others' biases beside: the same network for that count. */
    @ParameterizedTest
    @ValueSource(ints = {4, 16})
    void anElasticModelIsTheModelOfEachOfItsCounts(int tokens) {
        MediatorCount count = new MediatorCount(tokens);
        ParameterSource renamed =
                (name, init, shape) -> WEIGHTS.get(name.replace("mediators." + tokens + ".", ""), init, shape);
        try (Sit elastic = new Sit(config(List.of(FOUR, SIXTEEN, MediatorCount.FULL), null), renamed);
                Sit single = new Sit(config(List.of(count), null), WEIGHTS)) {
            Tensor golden = single.forward(x, t, y);
            assertThat(Tensors.floats(elastic.forward(x, t, y, count))).isEqualTo(Tensors.floats(golden));
            assertThat(Tensors.relativeError(elastic.forward(x, t, y, MediatorCount.FULL), golden))
                    .as("full attention is something else")
                    .isGreaterThan(1e-3);
        }
    }

    @Test
    void fullAttentionWithoutConvolutionIsASoftmaxModel() {
        try (Sit elastic = new Sit(config(List.of(FOUR, MediatorCount.FULL), null), WEIGHTS.withZero(".dwc."));
                Sit softmax = new Sit(config(List.of(MediatorCount.FULL), null), WEIGHTS)) {
            assertThat(Tensors.relativeError(elastic.forward(x, t, y, MediatorCount.FULL), softmax.forward(x, t, y)))
                    .isLessThan(2e-6);
        }
    }

    @Test
    void onlyTheChosenBlocksHaveMediators() {
        try (Sit first = new Sit(config(List.of(FOUR), List.of(0)), WEIGHTS);
                Sit all = new Sit(config(List.of(FOUR), null), WEIGHTS);
                Sit none = new Sit(config(List.of(FOUR), List.of()), WEIGHTS);
                Sit softmax = new Sit(config(List.of(MediatorCount.FULL), null), WEIGHTS)) {
            assertThat(first.parameters()).containsKey("blocks.0.attn.an_bias");
            assertThat(first.parameters()).doesNotContainKeys("blocks.1.attn.an_bias", "blocks.1.attn.dwc.weight");
            Tensor out = first.forward(x, t, y);
            assertThat(Tensors.relativeError(all.forward(x, t, y), out)).isGreaterThan(1e-3);
            assertThat(Tensors.relativeError(softmax.forward(x, t, y), out)).isGreaterThan(1e-3);
            assertThat(Tensors.floats(none.forward(x, t, y))).isEqualTo(Tensors.floats(softmax.forward(x, t, y)));
        }
    }

    @Test
    void bf16IsCloseToFp32() {
        try (Sit sit = new Sit(config(List.of(FOUR, MediatorCount.FULL), null), WEIGHTS);
                Sit rounded = sit.to(DType.BF16)) {
            assertThat(rounded.dtype()).isEqualTo(DType.BF16);
            for (MediatorCount count : sit.config().mediators()) {
                Tensor out = rounded.forward(x, t, y, count);
                assertThat(DType.of(out)).isEqualTo(DType.F32);
                assertThat(Tensors.relativeError(out, sit.forward(x, t, y, count)))
                        .isBetween(1e-5, 0.05);
            }
        }
    }

    @Test
    void theUnusedHalfOfTheChannelsIsDropped() {
        SitConfig config = config(List.of(FOUR), null);
        SitConfig learning = new SitConfig(8, 2, 3, 24, 2, 3, 4, 10, true, List.of(FOUR), null);
        try (Sit sit = new Sit(learning, WEIGHTS)) {
            assertThat(config.outChannels()).isEqualTo(3);
            assertThat(requireNonNull(sit.parameters().get("final_layer.linear.weight"))
                            .shape())
                    .containsExactly(2 * 2 * 6, 24);
            assertThat(sit.forward(x, t, y).shape()).containsExactly(BATCH, 3, 8, 8);
        }
    }

    @Test
    void wrongInputsAreNamed() {
        try (Sit sit = new Sit(config(List.of(FOUR), null), WEIGHTS)) {
            assertThatThrownBy(() -> sit.forward(x.narrow(1, 0, 2), t, y))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("xt has shape [3, 2, 8, 8], expected is [any, 3, 8, 8]");
            assertThatThrownBy(() -> sit.forward(x, t.narrow(0, 0, 2), y))
                    .hasMessage("t has shape [2], expected is [3]");
            assertThatThrownBy(() -> sit.forward(x, t, y.narrow(0, 0, 1)))
                    .hasMessage("y has shape [1], expected is [3]");
            assertThatThrownBy(() -> sit.forward(x, t, y, SIXTEEN))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("mediator count is 16, the network's choices are [4]");
        }
    }

    /** Else a plain SiT asked for mediators would answer with softmax attention. */
    @Test
    void aSoftmaxNetworkRefusesMediators() {
        try (Sit sit = new Sit(config(List.of(MediatorCount.FULL), null), WEIGHTS)) {
            assertThatThrownBy(() -> sit.forward(x, t, y, FOUR))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("mediator count is 4, the network's choices are [full]");
        }
    }

    @Test
    void predictionsLeaveNoTensorBehind() throws Exception {
        assertThat(NativeGrowth.of(Prediction.class, 10, 100)).isZero();
    }

    /** Predicts for one batch, through mediators and through all pairs. */
    public static final class Prediction implements LoopBody {
        private final NoGradGuard guard = new NoGradGuard();
        private final Scope scope = Scope.open();
        private final Sit sit = new Sit(config(List.of(FOUR, MediatorCount.FULL), null), WEIGHTS);
        private final Tensor x = Tensors.full(0.5, BATCH, 3, 8, 8);
        private final Tensor t = Tensors.full(0.5, BATCH);
        private final Tensor y = Tensors.of(new long[BATCH], BATCH);

        @Override
        public void step() {
            try (Scope step = Scope.open()) {
                sit.forward(x, t, y, FOUR);
                sit.forward(x, t, y, MediatorCount.FULL);
            }
        }

        @Override
        public void close() {
            sit.close();
            scope.close();
            guard.close();
        }
    }

    private static double deviation(Tensor tensor) {
        double[] values = Tensors.doubles(tensor);
        double sum = 0;
        double square = 0;
        for (double value : values) {
            sum += value;
            square += value * value;
        }
        double mean = sum / values.length;
        return Math.sqrt(square / values.length - mean * mean);
    }

    private static SitConfig config(List<MediatorCount> mediators, @Nullable List<Integer> blocks) {
        return new SitConfig(8, 2, 3, 24, 2, 3, 4, 10, false, mediators, blocks);
    }
}
