package dev.mediator.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.ReadingLimits;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.checkpoint.Weights;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Networks in files of others. */
class SitFileTest {
    private static final List<MediatorCount> SOFTMAX = List.of(MediatorCount.FULL);
    private static final List<MediatorCount> FOUR = List.of(new MediatorCount(4));

    /** The network of the files that PyTorch wrote. */
    private static final SitConfig TORCH = new SitConfig(8, 2, 1, 16, 1, 2, 4, 3, true, FOUR, null);

    @TempDir
    private Path folder;

    private Scope scope;
    private int networks;

    @BeforeEach
    void openScope() {
        Engine.start();
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** The published networks: every size, for 256 and 512 pixels, with softmax and with mediators, from shapes alone. */
    @ParameterizedTest
    @CsvSource({
        "SiT-S/2, 32, full",
        "SiT-B/4, 32, full",
        "SiT-L/2, 64, full",
        "SiT-XL/2, 32, full",
        "SiT-XL/2, 64, full",
        "SiT-S/2, 32, 16",
        "SiT-B/2, 64, 64"
    })
    void publishedNetworksAreRecognised(String preset, int latent, String mediators) throws IOException {
        SitConfig config =
                SitPreset.config(preset, latent, 4, 1000, true, List.of(MediatorCount.parse((Object) mediators)));
        Path file = folder.resolve("network.safetensors");
        SparseNetwork.write(file, SparseNetwork.shapes(config));

        assertThat(SitFile.describe(file).config()).isEqualTo(config);
    }

    /** As in the published networks of size XL, which have mediators in their first blocks only. */
    @Test
    void blocksWithMediatorsAreFound() throws IOException {
        SitConfig config = new SitConfig(8, 2, 4, 32, 6, 4, 2.5, 7, false, FOUR, List.of(0, 1, 2, 3));
        assertThat(inferred(config, SitHints.NONE)).isEqualTo(config);
    }

    @Test
    void elasticNetworksAreFoundAndFullAttentionIsTakenFromTheHint() throws IOException {
        List<MediatorCount> counts = List.of(new MediatorCount(4), new MediatorCount(16));
        SitConfig config = new SitConfig(8, 2, 4, 32, 2, 4, 4, 7, true, counts, null);
        SitConfig withFull = config.withMediators(List.of(counts.get(0), counts.get(1), MediatorCount.FULL));

        assertThat(inferred(config, SitHints.NONE)).isEqualTo(config);
        assertThat(inferred(withFull, new SitHints(null, null, null, true))).isEqualTo(withFull);
        assertThat(inferred(config.withMediators(List.of(counts.get(0), MediatorCount.FULL)), SitHints.NONE)
                        .mediators())
                .as("a count that is alone has no name")
                .containsExactly(counts.get(0), MediatorCount.FULL);
    }

    /** What the tensors leave open is asked for, and what they tell is held against the answer. */
    @Test
    void headsThatNothingTellsAreAskedFor() throws IOException {
        SitConfig config = new SitConfig(8, 2, 4, 32, 2, 4, 4, 7, true, SOFTMAX, null);

        assertThatThrownBy(() -> inferred(config, SitHints.NONE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(
                        "2 blocks of width 32 are of no preset, and nothing in its tensors tells the number"
                                + " of attention heads: say it with convert --heads");
        assertThat(inferred(config, new SitHints(4, null, null, false))).isEqualTo(config);
        assertThat(inferred(config, new SitHints(4, 8, null, false))).isEqualTo(config);
        assertThatThrownBy(() -> inferred(config, new SitHints(4, 16, null, false)))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("its network has inputSize 8, not 16");
        assertThatThrownBy(() -> inferred(config.withMediators(FOUR), new SitHints(8, null, null, false)))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("its network has heads 4, not 8");
        assertThatThrownBy(() -> inferred(config, new SitHints(5, null, null, false)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a multiple of 4 and of heads 5");
    }

    @Test
    void theSizeComesFromTheBiasesOrTheHintWherePositionsAreMissing() throws IOException {
        SitConfig softmax = SitPreset.config("SiT-S/2", 32, 4, 10, true, SOFTMAX);
        Map<String, long[]> shapes = SparseNetwork.shapes(softmax);
        shapes.remove("pos_embed");

        assertThatThrownBy(() -> inferred(shapes, SitHints.NONE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("say it with convert --input-size");
        assertThat(inferred(shapes, new SitHints(null, 32, null, false))).isEqualTo(softmax);
        Map<String, long[]> mediated = SparseNetwork.shapes(softmax.withMediators(FOUR));
        mediated.remove("pos_embed");
        assertThat(inferred(mediated, SitHints.NONE)).isEqualTo(softmax.withMediators(FOUR));
    }

    /** Trainings of SiT that drop no labels make a table of one row for each class, and none for "no class". */
    @ParameterizedTest
    @CsvSource({
        "   4,    ,     ,  , 3, false",
        "   4,   3,     ,  , 3, false",
        "   4,   4,     ,  , 4, true",
        "   4,  77,     ,  , 3, false",
        "   4,    ,  0.0,  , 4, true",
        "   4,    ,  0.1,  , 3, false",
        "   4,   3,  0.0,  , 3, false",
        "   4,None, None,  , 3, false",
        "   4,    ,     , 4, 4, true",
        "   4,   3,  0.1, 4, 4, true",
        "   4,    ,     , 3, 3, false",
        "   1,    ,     ,  , 1, true",
        "1000,    ,     ,  , 1000, true",
        "1000,    ,  0.1,  , 999, false",
        "1001,    ,     ,  , 1000, false",
    })
    void theNullLabelIsToldFromArgumentsHintsAndRows(
            long rows, String argument, String dropout, Integer hint, int classes, boolean lacksNullLabel)
            throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (argument != null) {
            metadata.put("args.num_classes", argument);
        }
        if (dropout != null) {
            metadata.put("args.class_dropout_prob", dropout);
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        SparseNetwork.shapes(TORCH).forEach((name, shape) -> tensors.put(name, Tensors.zeros(DType.F32, shape)));
        tensors.put("y_embedder.embedding_table.weight", Tensors.zeros(DType.F32, rows, 16));
        Path file = folder.resolve("labels.safetensors");
        SafeTensorsWriter.write(file, tensors, metadata);

        try (SitFile opened = SitFile.open(file, Weights.EMA, new SitHints(null, null, hint, false))) {
            assertThat(opened.description().config().numClasses()).isEqualTo(classes);
            assertThat(opened.description().config().lacksNullLabel()).isEqualTo(lacksNullLabel);
        }
    }

    @Test
    void aWrongNumberOfClassesIsRefused() {
        assertThatThrownBy(() -> inferred(TORCH, new SitHints(null, null, 5, false)))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("its table of labels has 4 rows, which is not one for each of 5 classes, with or"
                        + " without one for none");
    }

    /** As a training of SiT without label dropout would have saved the same network. */
    @Test
    void aNetworkWithoutNullLabelAnswersForItsClassesAsOneThatHasIt() throws IOException {
        Path file = folder.resolve("without.safetensors");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (TensorFile ema = TensorFile.open(torch("ema.safetensors"))) {
            ema.all().forEach(tensors::put);
            tensors.computeIfPresent("y_embedder.embedding_table.weight", (name, table) -> table.narrow(0, 0, 3)
                    .contiguous());
            SafeTensorsWriter.write(file, tensors, Map.of("args.num_classes", "3", "args.cfg_prob", "0.0"));
        }
        Tensor x = new RandomStream(1, 0).normalTensor(0, 3, 1, 8, 8);
        Tensor y = Tensors.of(new long[] {0, 1, 2}, 3);
        try (Sit without = SitCheckpoint.load(file, Weights.EMA, DType.F32);
                Sit fixed = SitCheckpoint.loadFixed(file, Weights.EMA, Placement.cpu(DType.F32));
                Sit with = SitCheckpoint.load(torch("ema.safetensors"), Weights.EMA, DType.F32)) {
            Tensor expected = with.forward(x, Tensors.full(0.4, 3), y, FOUR.get(0));
            assertThat(Tensors.relativeError(without.forward(x, Tensors.full(0.4, 3), y, FOUR.get(0)), expected))
                    .isLessThan(1e-6);
            assertThat(Tensors.relativeError(fixed.forward(x, Tensors.full(0.4, 3), y, FOUR.get(0)), expected))
                    .isLessThan(1e-5);
            assertThat(ParameterCount.of(without.config())).isEqualTo(ParameterCount.of(with.config()) - 16);
        }
        SitCheckpoint description = SitFile.describe(file);
        assertThat(description.labels()).isEqualTo(LabelTraining.NO_NULL_LABEL);
        Path written = folder.resolve("written.safetensors");
        try (Sit without = SitCheckpoint.load(file, Weights.EMA, DType.F32)) {
            description.save(written, without.parameters(), without.positions(), DType.F32);
        }
        assertThat(SitFile.describe(written).config()).isEqualTo(description.config());
    }

    @Test
    void otherNetworksAreRefusedByWhatTheyLack() throws IOException {
        SitConfig config = new SitConfig(8, 2, 4, 32, 2, 4, 4, 7, true, FOUR, null);
        assertRefused(config, shapes -> shapes.remove("x_embedder.proj.weight"), "'x_embedder.proj.weight'");
        assertRefused(config, shapes -> shapes.keySet().removeIf(n -> n.startsWith("blocks.")), "'blocks.0.…'");
        assertRefused(config, shapes -> shapes.remove("y_embedder.embedding_table.weight"), "'y_embedder.");
        assertRefused(
                config,
                shapes -> shapes.put("final_layer.linear.weight", new long[] {17, 32}),
                "its final layer has 17 outputs, for 4 channels there are 16, or 32 with learned sigma");
        assertRefused(
                config,
                shapes -> shapes.put("pos_embed", new long[] {1, 15, 32}),
                "its pos_embed has 15 tokens, which make no square");
        assertRefused(
                config,
                shapes -> shapes.put("blocks.1.attn.an_bias", new long[] {4, 9, 7, 7}),
                "its blocks have different mediator counts, {0=[4], 1=[9]}");
        assertRefused(
                config,
                shapes -> shapes.put("blocks.0.mlp.fc1.weight", new long[] {128}),
                "tensor 'blocks.0.mlp.fc1.weight' has shape [128], expected are 2 axes");
    }

    @Test
    void trainingsOfSitHaveTwoSetsOfWeightsAndTheirArguments() throws IOException {
        Path file = torch("training.pt");
        for (Weights weights : Weights.values()) {
            try (SitFile opened = SitFile.open(file, weights);
                    Sit sit = opened.load(DType.F32)) {
                assertThat(opened.description().config()).isEqualTo(TORCH);
                assertThat(opened.description().transport().toString())
                        .isEqualTo("{\"path\":\"gvp\",\"prediction\":\"noise\",\"weighting\":\"none\"}");
                assertThat(opened.description().provenance().path("weights").stringValue())
                        .isEqualTo(weights.group());
                assertSame(sit, torch(weights.group() + ".safetensors"));
            }
        }
    }

    @Test
    void wrappersAreTakenOff() throws IOException {
        Path file = torch("wrapped.pt");
        assertThatThrownBy(() -> SitFile.open(file, Weights.EMA)).hasMessageContaining("convert --heads");
        try (SitFile opened = SitFile.open(file, Weights.EMA, new SitHints(2, null, null, false));
                Sit sit = opened.load(DType.F32)) {
            assertThat(sit.config()).isEqualTo(TORCH.withMediators(SOFTMAX));
            assertSame(sit, torch("softmax.safetensors"));
        }
    }

    /** As Lightning saves a module that holds the network, its average and other things. */
    @Test
    void theNetworkIsFoundBesideOtherThings() throws IOException {
        Path file = folder.resolve("lightning.safetensors");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (TensorFile model = TensorFile.open(torch("model.safetensors"));
                TensorFile ema = TensorFile.open(torch("ema.safetensors"))) {
            model.all().forEach((name, tensor) -> tensors.put("state_dict.model." + name, tensor));
            ema.all().forEach((name, tensor) -> tensors.put("state_dict.ema.module." + name, tensor));
            tensors.put("state_dict.vae.conv.weight", Tensors.zeros(DType.F32, 3));
            SafeTensorsWriter.write(file, tensors, Map.of());
        }
        for (Weights weights : Weights.values()) {
            try (Sit sit = SitCheckpoint.load(file, weights, DType.F32)) {
                assertSame(sit, torch(weights.group() + ".safetensors"));
            }
        }
    }

    /** The table is computed anew, so a network that was trained with another one must not be taken. */
    @Test
    void otherPositionsAreRefused() throws IOException {
        Path file = folder.resolve("positions.safetensors");
        try (TensorFile ema = TensorFile.open(torch("ema.safetensors"))) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(ema.all());
            tensors.put("pos_embed", Ops.mul(requireNonNull(tensors.get("pos_embed")), 1.1));
            SafeTensorsWriter.write(file, tensors, Map.of());
        }
        assertThatThrownBy(() -> SitCheckpoint.load(file, Weights.EMA, DType.F32))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": its pos_embed is not the table of sines and cosines of a 4×4 grid; networks with"
                        + " other positions are not supported");
    }

    /** A description that claims more than there is costs nothing. */
    @Test
    void descriptionsThatClaimTooMuchAreRefusedAtOnce() throws IOException {
        try (Sit sit = new Sit(TORCH.withMediators(SOFTMAX), new RandomWeights(0.1))) {
            JsonMapper json = new JsonMapper();
            String config = json.writeValueAsString(sit.config());
            assertClaimRefused(
                    sit, config.replace("\"inputSize\":8", "\"inputSize\":65536"), "positions of 32768×32768");
            assertClaimRefused(sit, config.replace("\"depth\":1", "\"depth\":2000000000"), "lacks tensor 'blocks.1.");
            assertClaimRefused(
                    sit, config.replace("\"numClasses\":3", "\"numClasses\":2147483646"), "has shape [4, 16]");
            assertClaimRefused(sit, config.replace("\"mlpRatio\":4.0", "\"mlpRatio\":1e9"), "has shape [64, 16]");
        }
    }

    private void assertClaimRefused(Sit sit, String config, String reason) throws IOException {
        Path file = folder.resolve("claims.safetensors");
        SafeTensorsWriter.write(file, sit.parameters(), Map.of("config", config));
        assertThatThrownBy(() -> ReadingLimits.read(NetworkLoading.class, file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }

    private static void assertSame(Sit sit, Path expected) throws IOException {
        try (TensorFile file = TensorFile.open(expected)) {
            assertThat(sit.parameters()).hasSize(file.entries().size() - 1);
            sit.parameters()
                    .forEach((name, tensor) ->
                            assertThat(Tensors.floats(tensor)).as(name).isEqualTo(Tensors.floats(file.get(name))));
            assertThat(Tensors.relativeError(sit.positions(), file.get("pos_embed")))
                    .isLessThan(1e-6);
        }
    }

    private void assertRefused(SitConfig config, Consumer<Map<String, long[]>> change, String reason)
            throws IOException {
        Map<String, long[]> shapes = SparseNetwork.shapes(config);
        change.accept(shapes);
        assertThatThrownBy(() -> inferred(shapes, SitHints.NONE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(": its tensors are of no network that is known: ")
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }

    private SitConfig inferred(SitConfig config, SitHints hints) throws IOException {
        return inferred(SparseNetwork.shapes(config), hints);
    }

    private SitConfig inferred(Map<String, long[]> shapes, SitHints hints) throws IOException {
        Path file = folder.resolve("network-" + networks++ + ".safetensors");
        SparseNetwork.write(file, shapes);
        try (SitFile opened = SitFile.open(file, Weights.EMA, hints)) {
            return opened.description().config();
        }
    }

    private static Path torch(String name) {
        try {
            return Path.of(requireNonNull(SitFileTest.class.getResource("/sit/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
