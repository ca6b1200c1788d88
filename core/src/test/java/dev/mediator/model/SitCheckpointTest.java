package dev.mediator.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.Weights;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class SitCheckpointTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final SitConfig CONFIG =
            new SitConfig(8, 2, 1, 16, 2, 2, 4, 3, false, List.of(new MediatorCount(4), MediatorCount.FULL), null);
    private static final SitCheckpoint DESCRIPTION = new SitCheckpoint(
            CONFIG,
            List.of("T-shirt", "Größe", "Bag"),
            JSON.readTree("{\"path\":\"linear\"}"),
            JSON.readTree("{\"madeBy\":\"test\"}"));

    @TempDir
    private Path folder;

    private Scope scope;
    private Sit sit;

    @BeforeEach
    void makeNetwork() {
        scope = Scope.open();
        sit = new Sit(CONFIG, new RandomWeights(0.1));
    }

    @AfterEach
    void closeScope() {
        sit.close();
        scope.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void aNetworkGoesRound(DType dtype) throws IOException {
        Path path = folder.resolve("model.safetensors");
        DESCRIPTION.save(path, sit.parameters(), sit.positions(), dtype);

        try (SafeTensors file = SafeTensors.open(path);
                Sit loaded = SitCheckpoint.load(path, Weights.EMA, DType.F32)) {
            assertThat(SitCheckpoint.describe(file)).isEqualTo(DESCRIPTION);
            assertThat(DType.of(file.get("pos_embed"))).isEqualTo(dtype);
            assertThat(loaded.parameters().keySet()).isEqualTo(sit.parameters().keySet());
            assertThat(Tensors.relativeError(predict(loaded), predict(sit)))
                    .isLessThan(dtype == DType.F32 ? 1e-9 : 0.02);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 1})
    void theLabelDropoutGoesRound(double dropout) throws IOException {
        SitCheckpoint trained = new SitCheckpoint(
                CONFIG,
                List.of(),
                JSON.createObjectNode(),
                JSON.createObjectNode(),
                dropout,
                JSON.readTree("{\"training\":{\"labelDropout\":0.7}}"));
        Path path = folder.resolve("model.safetensors");
        trained.save(path, sit.parameters(), sit.positions(), DType.F32);

        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(SitCheckpoint.describe(file)).isEqualTo(trained);
            assertThat(SitCheckpoint.describe(file).labels()).isEqualTo(LabelTraining.of(dropout));
        }
    }

    /** Files of earlier versions have no such field, but the configuration of their training. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                                              | BOTH",
                "{`training`:{`labelDropout`:0.1}}                               | BOTH",
                "{`training`:{`labelDropout`:0.0}}                               | CLASSES_ONLY",
                "{`training`:{`labelDropout`:0}}                                 | CLASSES_ONLY",
                "{`training`:{`steps`:3}}                                        | BOTH",
                "{`madeBy`:`Mediator adapt`,`from`:{`training`:{`labelDropout`:0.0}}} | CLASSES_ONLY",
                "{`from`:{`from`:{`training`:{`labelDropout`:1.0}}}}             | NO_CLASSES",
                "{`training`:{`labelDropout`:0.1},`from`:{`training`:{`labelDropout`:0.0}}} | BOTH",
                "[1]                                                             | BOTH",
            })
    void earlierFilesTellItInTheirProvenance(String provenance, LabelTraining expected) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>(DESCRIPTION.metadata());
        metadata.put("provenance", provenance.replace('`', '"'));
        Path path = folder.resolve("earlier.safetensors");
        SafeTensorsWriter.write(path, sit.parameters(), metadata);

        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(SitCheckpoint.describe(file).labels()).isEqualTo(expected);
        }
    }

    @Test
    void aTrainingsCheckpointHoldsTwoNetworks() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        sit.parameters().forEach((name, tensor) -> {
            tensors.put("model." + name, tensor);
            tensors.put("ema." + name, Ops.mul(tensor, 2));
        });
        tensors.put("optimizer.exp_avg.x", Tensors.zeros(DType.F32, 1));
        Path path = write(tensors);

        try (Sit model = SitCheckpoint.load(path, Weights.MODEL, DType.F32);
                Sit averaged = SitCheckpoint.load(path, Weights.EMA, DType.F32)) {
            String name = "final_layer.linear.weight";
            Tensor original = requireNonNull(sit.parameters().get(name));
            assertThat(Tensors.relativeError(requireNonNull(model.parameters().get(name)), original))
                    .isZero();
            assertThat(Tensors.relativeError(
                            requireNonNull(averaged.parameters().get(name)), Ops.mul(original, 2)))
                    .isZero();
        }
    }

    @Test
    void aMissingTensorIsNamed() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>(sit.parameters());
        tensors.remove("blocks.1.mlp.fc2.bias");
        assertNotLoaded(write(tensors), "the checkpoint lacks tensor 'blocks.1.mlp.fc2.bias' of shape [16]");
    }

    @Test
    void aTensorOfAnotherShapeIsNamed() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>(sit.parameters());
        tensors.put("blocks.0.attn.qkv.weight", Tensors.zeros(DType.F32, 48, 17));
        assertNotLoaded(
                write(tensors),
                "tensor 'blocks.0.attn.qkv.weight' of the checkpoint has shape [48, 17], expected is [48, 16]");
    }

    @Test
    void aTensorThatBelongsNowhereIsNamed() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>(sit.parameters());
        tensors.put("blocks.2.attn.qkv.weight", Tensors.zeros(DType.F32, 48, 16));
        assertNotLoaded(write(tensors), "tensor 'blocks.2.attn.qkv.weight' belongs to no layer of its network");
    }

    /** Its configuration is told from the tensors. */
    @Test
    void aFileThatSaysNothingOfItsNetworkIsLoadedToo() throws IOException {
        Path path = folder.resolve("bare.safetensors");
        SafeTensorsWriter.write(path, sit.parameters(), Map.of());
        try (Sit loaded = SitCheckpoint.load(path, Weights.EMA, DType.F32)) {
            assertThat(loaded.config()).isEqualTo(CONFIG);
            assertThat(Tensors.relativeError(predict(loaded), predict(sit))).isZero();
        }
    }

    @Test
    void aConfigurationThatIsNoneIsRefused() throws IOException {
        assertNotDescribed("{\"patchSize\":", "its 'config' is not one of a network: ");
        assertNotDescribed(
                "{\"patchSize\":0}", "its 'config' is not one of a network: field 'inputSize': it is missing");
        assertNotDescribed(
                JSON.writeValueAsString(CONFIG).replace("\"patchSize\":2", "\"patchSize\":0"),
                "its 'config' is not one of a network: model.patchSize is 0, allowed is at least 1");
        assertNotDescribed("[]", "its 'config' is not one of a network: ");
        assertNotDescribed("null", "its 'config' is not one of a network: ");
        assertNotDescribed(
                JSON.writeValueAsString(CONFIG).replace("\"mediators\":[4,\"full\"],", ""),
                "its 'config' is not one of a network: field 'mediators': it is missing");
        assertNotDescribed(
                JSON.writeValueAsString(CONFIG).replace("\"full\"", "7"),
                "its 'config' is not one of a network: mediator count is 7");
    }

    private void assertNotDescribed(String config, String reason) throws IOException {
        Path path = folder.resolve("odd.safetensors");
        SafeTensorsWriter.write(path, sit.parameters(), Map.of("config", config));
        assertThatThrownBy(() -> SitCheckpoint.load(path, Weights.EMA, DType.F32))
                .isInstanceOf(IOException.class)
                .message()
                .startsWith(path + ": " + reason)
                .hasLineCount(1);
    }

    private static void assertNotLoaded(Path path, String reason) {
        assertThatThrownBy(() -> SitCheckpoint.load(path, Weights.EMA, DType.F32))
                .isInstanceOf(IOException.class)
                .hasMessage(path + ": " + reason);
    }

    private Path write(Map<String, Tensor> tensors) throws IOException {
        Path path = folder.resolve("changed.safetensors");
        SafeTensorsWriter.write(path, tensors, DESCRIPTION.metadata());
        return path;
    }

    private static Tensor predict(Sit network) {
        return network.forward(Tensors.full(0.5, 1, 1, 8, 8), Tensors.full(0.3, 1), Tensors.of(new long[] {1}, 1));
    }
}
