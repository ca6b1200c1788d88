package dev.mediator.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The numbers of the reference, for larger grids, are compared by the golden check of fine-tuning. */
class AdaptationTest {
    private static final String LABELS = "y_embedder.embedding_table.weight";
    private static final List<MediatorCount> SOFTMAX = List.of(MediatorCount.FULL);
    private static final List<MediatorCount> SIXTEEN = List.of(new MediatorCount(16));
    private static final List<MediatorCount> ELASTIC =
            List.of(new MediatorCount(4), new MediatorCount(16), MediatorCount.FULL);

    private Scope scope;

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private static SitConfig config(List<MediatorCount> mediators) {
        return new SitConfig(8, 2, 1, 16, 2, 2, 4, 3, false, mediators, null);
    }

    private static SitConfig classes(int classes) {
        return new SitConfig(8, 2, 1, 16, 2, 2, 4, classes, false, SOFTMAX, null);
    }

    @Test
    void withoutAnyDifferenceNothingChanges() {
        for (List<MediatorCount> mediators : List.of(SOFTMAX, SIXTEEN, ELASTIC)) {
            SitConfig config = config(mediators);
            try (Sit before = new Sit(config, new RandomWeights(0.1));
                    Sit after = adapt(before, config)) {
                assertThat(new Adaptation(config, config, true).changes()).isEmpty();
                assertThat(after.parameters().keySet())
                        .isEqualTo(before.parameters().keySet());
                assertSame(after, before, before.parameters().keySet());
            }
        }
    }

    /** From 3 to 5 tokens a side: the old values stay at every second place, their means come between. */
    @Test
    void biasesAreInterpolatedWithTheirEndsKept() {
        List<MediatorCount> one = List.of(new MediatorCount(1));
        SitConfig low = new SitConfig(6, 2, 1, 16, 1, 1, 4, 3, false, one, null);
        float[] values = {1, 5, 3};
        Map<String, Tensor> tensors = tensors(low);
        tensors.put("blocks.0.attn.ah_bias", Tensors.of(values, 1, 1, 1, 3, 1));
        tensors.put("blocks.0.attn.aw_bias", Tensors.of(values, 1, 1, 1, 1, 3));
        tensors.put("blocks.0.attn.ha_bias", Tensors.of(values, 1, 1, 3, 1, 1));
        tensors.put("blocks.0.attn.wa_bias", Tensors.of(values, 1, 1, 1, 3, 1));

        Adaptation adaptation = new Adaptation(low, low.withInputSize(10), true);
        try (Sit high = adaptation.apply(tensors, DType.F32)) {
            for (String name : List.of("ah_bias", "aw_bias", "ha_bias", "wa_bias")) {
                assertThat(values(high, "blocks.0.attn." + name)).as(name).containsExactly(1, 3, 5, 4, 3);
            }
            assertThat(high.positions().shape()).containsExactly(1, 25, 16);
            assertSame(high, tensors, List.of("blocks.0.attn.an_bias", "blocks.0.attn.qkv.weight"));
        }
        assertThat(adaptation.changes())
                .containsExactly(
                        "grid of 3×3 tokens → 5×5: positions computed anew, row and column biases interpolated");
    }

    @Test
    void anElasticNetworkRunsOnTheNewGrid() {
        try (Sit small = new Sit(config(ELASTIC), new RandomWeights(0.1));
                Sit large = adapt(small, config(ELASTIC).withInputSize(12))) {
            for (MediatorCount count : ELASTIC) {
                Tensor out = predict(large, count);
                assertThat(out.shape()).containsExactly(1, 1, 12, 12);
                assertThat(Tensors.isFinite(out)).isTrue();
            }
        }
    }

    /** Warm start: full attention computes what it did, and the mediators begin without biases and convolution. */
    @Test
    void mediatorsBeginFromASoftmaxNetwork() {
        try (Sit softmax = new Sit(config(SOFTMAX), new RandomWeights(0.1));
                Sit fixed = adapt(softmax, config(SIXTEEN));
                Sit elastic = adapt(softmax, config(ELASTIC))) {
            for (Sit warm : List.of(fixed, elastic)) {
                assertSame(warm, softmax, softmax.parameters().keySet());
                warm.parameters().forEach((name, tensor) -> {
                    if (!softmax.parameters().containsKey(name)) {
                        assertThat(name).containsPattern("_bias$|\\.dwc\\.");
                        assertThat(Tensors.maxAbs(tensor)).as(name).isZero();
                    }
                });
            }
            assertThat(Tensors.relativeError(
                            predict(elastic, MediatorCount.FULL), predict(softmax, MediatorCount.FULL)))
                    .isLessThan(1e-6);
        }
        assertThat(new Adaptation(config(SOFTMAX), config(SIXTEEN), true).changes())
                .containsExactly("blocks 0, 1: mediators instead of softmax, biases and convolution begin at zero");
    }

    @Test
    void someBlocksGetMediatorsAndSomeLoseThem() {
        SitConfig first = config(SIXTEEN).withMediatorBlocks(List.of(0));
        SitConfig second = config(SIXTEEN).withMediatorBlocks(List.of(1));
        try (Sit before = new Sit(first, new RandomWeights(0.1));
                Sit after = adapt(before, second)) {
            assertThat(after.parameters())
                    .containsKey("blocks.1.attn.dwc.weight")
                    .doesNotContainKey("blocks.0.attn.dwc.weight");
        }
        assertThat(new Adaptation(first, second, true).changes())
                .containsExactly(
                        "blocks 1: mediators instead of softmax, biases and convolution begin at zero",
                        "blocks 0: softmax instead of mediators, biases and convolution dropped");
    }

    /** The count that there was computes what it did, bit for bit, in the elastic network and in the one taken from it. */
    @Test
    void fixedNetworksBecomeElasticAndBack() {
        try (Sit fixed = new Sit(config(SIXTEEN), new RandomWeights(0.1));
                Sit elastic = adapt(fixed, config(ELASTIC));
                Sit back = adapt(elastic, config(SIXTEEN))) {
            Tensor before = predict(fixed, SIXTEEN.get(0));
            assertThat(Tensors.relativeError(predict(elastic, SIXTEEN.get(0)), before))
                    .isZero();
            assertThat(back.parameters().keySet()).isEqualTo(fixed.parameters().keySet());
            assertSame(back, fixed, fixed.parameters().keySet());
        }
        assertThat(new Adaptation(config(SIXTEEN), config(ELASTIC), true).changes())
                .containsExactly(
                        "4 mediators: biases averaged from those of 16",
                        "full attention: served by the same weights, which have not been trained for it");
        assertThat(new Adaptation(config(ELASTIC), config(SIXTEEN), true).changes())
                .containsExactly("4 mediators: no longer served", "full attention: no longer served");
    }

    /** 2×2 mediators of 4×4 are the averages of four each: those of the maps are too, for every kind of bias. */
    @Test
    void fewerMediatorsHaveTheAverageOfWhatTheyCover() {
        try (Sit before = new Sit(config(SIXTEEN), new RandomWeights(0.1));
                Sit after = adapt(before, config(List.of(new MediatorCount(4))))) {
            float[] ah = values(before, "blocks.1.attn.ah_bias"); // [1, 2, 16, 4, 1]
            float[] ha = values(before, "blocks.1.attn.ha_bias"); // [1, 2, 4, 1, 16]
            float[] an = values(before, "blocks.1.attn.an_bias"); // [2, 16, 7, 7]
            int[] covered = {2, 3, 6, 7}; // by mediator 1, above to the right
            double[] means = new double[3];
            for (int n : covered) {
                means[0] += ah[(16 + n) * 4 + 2] / 4; // head 1, row 2
                means[1] += ha[(4 + 2) * 16 + n] / 4;
                means[2] += an[(16 + n) * 49 + 11] / 4;
            }
            assertThat(values(after, "blocks.1.attn.ah_bias")[(4 + 1) * 4 + 2])
                    .isCloseTo((float) means[0], within(1e-6f));
            assertThat(values(after, "blocks.1.attn.ha_bias")[(4 + 2) * 4 + 1])
                    .isCloseTo((float) means[1], within(1e-6f));
            assertThat(values(after, "blocks.1.attn.an_bias")[(4 + 1) * 49 + 11])
                    .isCloseTo((float) means[2], within(1e-6f));
        }
    }

    /** Between 2×2 centres and beyond: 1 and 3 at the sides become 1, 1.5, 2.5, 3 over 4×4. */
    @Test
    void moreMediatorsLieBetweenTheCentresOfTheOldOnes() {
        Tensor columns = Tensors.of(new float[] {1, 3, 1, 3}, 1, 4);
        float[] made = Tensors.floats(AxisResampling.ofCells(4, 16).apply(columns, 1));
        for (int row = 0; row < 4; row++) {
            assertThat(new float[] {made[4 * row], made[4 * row + 1], made[4 * row + 2], made[4 * row + 3]})
                    .containsExactly(new float[] {1, 1.5f, 2.5f, 3}, within(1e-6f));
        }
    }

    /** Counts that are no multiples of each other too: constants stay, and so all shares of a value sum to 1. */
    @Test
    void constantsStayWhateverTheCounts() {
        for (int[] counts : new int[][] {{9, 4}, {4, 9}, {64, 9}, {1, 16}, {16, 1}, {25, 36}}) {
            AxisResampling cells = AxisResampling.ofCells(counts[0], counts[1]);
            Tensor made = cells.apply(Tensors.full(2, 3, counts[0]), 1);
            assertThat(made.shape()).containsExactly(3, counts[1]);
            assertThat(Tensors.relativeError(made, Tensors.full(2, 3, counts[1])))
                    .isLessThan(1e-6);
        }
    }

    @Test
    void firstClassesStayAndNewOnesBeginAsNone() {
        SitConfig three = config(SOFTMAX);
        try (Sit before = new Sit(three, new RandomWeights(0.1));
                Sit more = adapt(before, classes(5));
                Sit fewer = adapt(before, classes(2));
                Sit others = new Adaptation(three, three, false).apply(before.parameters(), DType.F32)) {
            assertRows(more, before, 0, 1, 2, 3, 3, 3);
            assertRows(fewer, before, 0, 1, 3);
            assertRows(others, before, 3, 3, 3, 3);
        }
        assertThat(new Adaptation(three, classes(5), true).changes())
                .containsExactly("classes: 3 kept, 2 more begin as the null label");
        assertThat(new Adaptation(three, classes(2), true).changes()).containsExactly("classes: the first 2 of 3 kept");
        assertThat(new Adaptation(three, three, false).changes())
                .containsExactly("3 classes: all begin as the null label");
    }

    /** The row of a null label that was never trained is noise, and no start for a class. */
    @Test
    void withoutATrainedNullLabelNewClassesBeginAsTheMeanOfAll() {
        SitConfig three = config(SOFTMAX);
        LabelTraining untrained = LabelTraining.CLASSES_ONLY;
        try (Sit before = new Sit(three, new RandomWeights(0.1));
                Sit more = new Adaptation(three, untrained, classes(5), true).apply(before.parameters(), DType.F32);
                Sit others = new Adaptation(three, untrained, three, false).apply(before.parameters(), DType.F32);
                Sit same = new Adaptation(three, untrained, three, true).apply(before.parameters(), DType.F32)) {
            assertRows(more, withMean(before), 0, 1, 2, 4, 4, 3);
            assertRows(others, withMean(before), 4, 4, 4, 3);
            assertRows(same, before, 0, 1, 2, 3);
        }
        assertThat(new Adaptation(three, untrained, classes(5), true).changes())
                .containsExactly(
                        "classes: 3 kept, 2 more begin as the mean of the classes, as the network has not learned"
                                + " to do without one");
        assertThat(new Adaptation(three, untrained, three, false).changes())
                .containsExactly("3 classes: all begin as the mean of the classes, as the network has not learned to do"
                        + " without one");
    }

    /** As a training of SiT without label dropout leaves it. */
    @Test
    void aNullLabelThatWasNotThereBeginsAsTheMeanOfAllClasses() {
        SitConfig three = config(SOFTMAX);
        SitConfig lacking = new SitConfig(8, 2, 1, 16, 2, 2, 4, 3, false, SOFTMAX, null, true);
        SitConfig five = new SitConfig(8, 2, 1, 16, 2, 2, 4, 5, false, SOFTMAX, null, true);
        try (Sit before = new Sit(lacking, new RandomWeights(0.1));
                Sit start = adapt(before, three);
                Sit more = adapt(before, five);
                Sit same = adapt(before, lacking)) {
            assertRows(start, withMean(before), 0, 1, 2, 3);
            assertRows(more, withMean(before), 0, 1, 2, 3, 3);
            assertRows(same, before, 0, 1, 2);
        }
        assertThat(new Adaptation(lacking, three, true).changes())
                .containsExactly("null label: begins as the mean of the classes");
        assertThat(new Adaptation(lacking, lacking, true).changes()).isEmpty();
    }

    @Test
    void whatCannotBeAdaptedIsNamed() {
        SitConfig three = config(SOFTMAX);
        SitConfig deeper = new SitConfig(8, 2, 1, 16, 3, 2, 4, 3, false, SOFTMAX, null);
        assertThatThrownBy(() -> new Adaptation(three, deeper, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("its depth is 2, wanted is 3; only input size, mediators and classes can be adapted");

        Map<String, Tensor> tensors = tensors(three);
        tensors.remove("blocks.1.mlp.fc2.bias");
        assertThatThrownBy(() -> new Adaptation(three, three, true).apply(tensors, DType.F32))
                .hasMessage("the checkpoint lacks tensor 'blocks.1.mlp.fc2.bias' of shape [16]");
        Map<String, Tensor> others = tensors(three);
        others.put("blocks.1.attn.dwc.bias", Tensors.zeros(DType.F32, 16));
        assertThatThrownBy(() -> new Adaptation(three, three, true).apply(others, DType.F32))
                .hasMessage("tensor 'blocks.1.attn.dwc.bias' belongs to no layer of its network");
    }

    private static Sit adapt(Sit sit, SitConfig to) {
        return new Adaptation(sit.config(), to, true).apply(sit.parameters(), DType.F32);
    }

    private static Map<String, Tensor> tensors(SitConfig config) {
        try (Sit sit = new Sit(config, new RandomWeights(0.1))) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            sit.parameters().forEach((name, tensor) -> tensors.put(name, tensor.clone()));
            return tensors;
        }
    }

    private static float[] values(Sit sit, String name) {
        return Tensors.floats(requireNonNull(sit.parameters().get(name)));
    }

    private static void assertSame(Sit sit, Sit expected, Iterable<String> names) {
        assertSame(sit, expected.parameters(), names);
    }

    private static void assertSame(Sit sit, Map<String, Tensor> expected, Iterable<String> names) {
        for (String name : names) {
            assertThat(values(sit, name)).as(name).isEqualTo(Tensors.floats(requireNonNull(expected.get(name))));
        }
    }

    /** The rows of labels, and behind them the mean of the first three. */
    private static float[] withMean(Sit sit) {
        float[] rows = values(sit, LABELS);
        float[] all = Arrays.copyOf(rows, rows.length + 16);
        for (int i = 0; i < 16; i++) {
            all[rows.length + i] = (rows[i] + rows[16 + i] + rows[32 + i]) / 3;
        }
        return all;
    }

    private static void assertRows(Sit after, Sit before, int... rows) {
        assertRows(after, values(before, LABELS), rows);
    }

    private static void assertRows(Sit after, float[] old, int... rows) {
        float[] made = values(after, LABELS);
        assertThat(made).hasSize(16 * rows.length);
        for (int i = 0; i < made.length; i++) {
            assertThat(made[i]).isCloseTo(old[16 * rows[i / 16] + i % 16], within(1e-7f));
        }
    }

    private static Tensor predict(Sit sit, MediatorCount count) {
        int size = sit.config().inputSize();
        Tensor x = new RandomStream(1, 0).normalTensor(0, 1, 1, size, size);
        return sit.forward(x, Tensors.full(0.3, 1), Tensors.of(new long[] {1}, 1), count);
    }
}
