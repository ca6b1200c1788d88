package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTreeTest {
    @TempDir
    private Path folder;

    @Test
    void withoutChangesItIsTheDefaults() {
        assertThat(ConfigTree.defaults().toConfig()).isEqualTo(TrainConfig.defaults());
    }

    @Test
    void aConfigurationGoesRoundThroughJson() throws IOException {
        TrainConfig config = ConfigTree.defaults()
                .set("model.mediators=[4,64,\"full\"]")
                .set("mediatorWeights=[1,2,0.5]")
                .set("clipNorm=1.5")
                .set("decay=cosine")
                .set("transport.path=vp")
                .set("transport.trainEps=1e-4")
                .toConfig();
        assertThat(ConfigTree.defaults()
                        .overlay(ConfigTree.toJson(config), "itself")
                        .toConfig())
                .isEqualTo(config);
    }

    @Test
    void aFileOverlaysTheDefaultsAndSettingsTheFile() throws IOException {
        Path file = folder.resolve("run.json");
        Files.writeString(file, "{\"steps\": 7, \"optimizer\": {\"learningRate\": 0.01}, \"model\": {\"depth\": 3}}");

        TrainConfig config = ConfigTree.read(file)
                .set("steps=9")
                .set("model.width=64")
                .set("dtype=F32")
                .toConfig();

        TrainConfig defaults = TrainConfig.defaults();
        assertThat(config.steps()).isEqualTo(9);
        assertThat(config.dtype()).isEqualTo(DType.F32);
        assertThat(config.optimizer().learningRate()).isEqualTo(0.01);
        assertThat(config.optimizer().beta2()).isEqualTo(defaults.optimizer().beta2());
        assertThat(config.model().depth()).isEqualTo(3);
        assertThat(config.model().width()).isEqualTo(64);
        assertThat(config.model().preset()).isEqualTo(defaults.model().preset());
        assertThat(config.data()).isEqualTo(defaults.data());
    }

    @Test
    void valuesMayBePlainText() {
        TrainConfig config = ConfigTree.defaults()
                .set("data.path=/images/of my/cats=dogs")
                .set("initFrom=models/a b.safetensors")
                .set("model.mediators=[\"full\"]")
                .toConfig();
        assertThat(config.data().path()).isEqualTo("/images/of my/cats=dogs");
        assertThat(config.initFrom()).isEqualTo("models/a b.safetensors");
        assertThat(config.model().mediators()).isEqualTo(List.of(MediatorCount.FULL));
        assertThat(ConfigTree.defaults().set("data.path=2024").toConfig().data().path())
                .isEqualTo("2024");
    }

    @Test
    void whatMayBeAbsentCanBeTakenBack() {
        TrainConfig config =
                ConfigTree.defaults().set("clipNorm=2").set("clipNorm=null").toConfig();
        assertThat(config.clipNorm()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stepz=1                    | unknown field 'stepz', known there are ",
                "model.presett=SiT-S/2      | unknown field 'model.presett', known there are ",
                "optimizer.lr=1             | unknown field 'optimizer.lr', known there are ",
                "data.pathh=x               | unknown field 'data.pathh', known there are ",
                "steps=many                 | field 'steps': ",
                "steps=1.5                  | field 'steps': ",
                "batchSize=true             | field 'batchSize': ",
                "seed=99999999999999999999  | field 'seed': ",
                "model.depth=2.5            | field 'model.depth': ",
                "data.flip=maybe            | field 'data.flip': ",
                "data.flip=1                | field 'data.flip': ",
                "dtype=F8                   | field 'dtype': ",
                "data.type=folderz          | field 'data.type': ",
                "model=SiT-S/2              | field 'model': ",
                "mediatorWeights=3          | field 'mediatorWeights': ",
                "mediatorWeights=[a]        | field 'mediatorWeights",
                "decay=linear               | decay is 'linear', allowed are constant, cosine",
                "transport.path=straight    | path is 'straight'",
                "model.mediators=[5]        | mediator count is 5, allowed are perfect squares",
                "model.mediators=[\"some\"] | mediator count is 'some', allowed are perfect squares",
                "steps=0                    | steps is 0, allowed is at least 1",
                "batchSize=0                | batchSize is 0, allowed is 1 to 65536",
                "accumulate=3               | accumulate is 3, allowed is a divisor of batchSize 64",
                "dtype=F16                  | dtype is F16, allowed is F32 or BF16",
                "warmupSteps=-1             | warmupSteps is -1, allowed is 0 or more",
                "clipNorm=0                 | clipNorm is 0.0, allowed is above 0, or null",
                "emaDecay=1                 | emaDecay is 1.0, allowed is 0 to below 1",
                "labelDropout=1.1           | labelDropout is 1.1, allowed is 0 to 1",
                "mediatorWeights=[1,2]      | mediatorWeights is [1.0, 2.0], allowed is one number for each of",
                "mediatorWeights=[0]        | mediatorWeights is [0.0], allowed is 0 or more, at least one above 0",
                "mediatorWeights=[-1]       | mediatorWeights is [-1.0], allowed is 0 or more, at least one above 0",
                "logEvery=0                 | logEvery is 0, allowed is at least 1",
                "checkpointEvery=0          | checkpointEvery is 0, allowed is at least 1",
                "keepCheckpoints=0          | keepCheckpoints is 0, allowed is at least 1",
                "sampleEvery=-1             | sampleEvery is -1, allowed is 0 or more",
                "exportDtype=I64            | exportDtype is I64, allowed is F32, F16 or BF16",
                "optimizer.learningRate=0   | optimizer.learningRate is 0.0, allowed is above 0, at most 1",
                "optimizer.learningRate=2   | optimizer.learningRate is 2.0, allowed is above 0, at most 1",
                "optimizer.beta1=1          | optimizer.beta1 is 1.0, allowed is 0 to below 1",
                "optimizer.beta2=-0.1       | optimizer.beta2 is -0.1, allowed is 0 to below 1",
                "optimizer.epsilon=0        | optimizer.epsilon is 0.0, allowed is above 0, below 1",
                "optimizer.weightDecay=-1   | optimizer.weightDecay is -1.0, allowed is 0 to 1",
                "data.imageSize=0           | data.imageSize is 0, allowed are 1 to 4096",
            })
    void whatIsNotAllowedIsNamed(String assignment, String message) {
        ConfigTree tree = ConfigTree.defaults().set(assignment);
        assertThatThrownBy(tree::toConfig)
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .startsWith(message)
                .hasLineCount(1);
    }

    /** Only what is absent by default may be null. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "steps", "dtype", "optimizer", "optimizer.learningRate", "decay", "mediatorWeights", "exportDtype",
                "transport", "transport.path", "model", "model.preset", "model.mediators", "data", "data.path",
                "data.split", "data.classNames"
            })
    void nullIsRefusedByName(String field) {
        ConfigTree tree = ConfigTree.defaults().set(field + "=null");
        assertThatThrownBy(tree::toConfig)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + field + "'")
                .hasMessageContaining("null");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "steps        | --set is 'steps', expected is key=value",
                "=3           | --set is '=3', expected is key=value",
                "foo.bar=1    | --set foo.bar=1: there is no group 'foo'",
                "steps.x=1    | --set steps.x=1: there is no group 'steps'",
            })
    void settingsThatAreNone(String assignment, String message) {
        assertThatThrownBy(() -> ConfigTree.defaults().set(assignment))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void filesThatAreNoConfigurationsAreNamed() throws IOException {
        Path missing = folder.resolve("missing.json");
        assertThatThrownBy(() -> ConfigTree.read(missing))
                .isInstanceOf(IOException.class)
                .hasMessage(missing + " does not exist or is not a file");
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"steps\": ");
        assertThatThrownBy(() -> ConfigTree.read(broken))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(broken + " is not JSON: ");
        Path list = Files.writeString(folder.resolve("list.json"), "[1]");
        assertThatThrownBy(() -> ConfigTree.read(list))
                .isInstanceOf(IOException.class)
                .hasMessage(list + " is not a JSON object");
    }
}
