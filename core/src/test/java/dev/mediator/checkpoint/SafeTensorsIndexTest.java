package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway") // a value that is missing fails the test
class SafeTensorsIndexTest {
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";

    @TempDir
    private Path folder;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void writeShards() throws IOException {
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(
                    folder.resolve(FIRST),
                    Map.of("ema.a", Tensors.full(1, 2), "ema.extra", Tensors.full(7, 1)),
                    Map.of("format", "pt"));
            SafeTensorsWriter.write(folder.resolve(SECOND), Map.of("ema.b", Tensors.zeros(DType.I64, 3)), Map.of());
        }
    }

    @Test
    void severalFilesAreOne() throws IOException {
        Path index = index("{\"metadata\":{\"total_size\":32,\"config\":\"{}\"},\"weight_map\":{\"ema.b\":\"" + SECOND
                + "\",\"ema.a\":\"" + FIRST + "\"}}");
        try (TensorFile file = TensorFile.open(index);
                Scope scope = Scope.open()) {
            assertThat(file.format().toString()).isEqualTo("safetensors index");
            assertThat(file.entries()).extracting(TensorEntry::name).containsExactly("ema.b", "ema.a");
            assertThat(file.contains("ema.extra"))
                    .as("what the index does not name is not there")
                    .isFalse();
            assertThat(Tensors.floats(file.get("ema.a"))).containsExactly(1, 1);
            assertThat(file.all().get("ema.b").numel()).isEqualTo(3);
            assertThat(file.metadata()).isEqualTo(Map.of("total_size", "32", "config", "{}"));
            assertThat(file.bytes())
                    .isEqualTo(
                            Files.size(index) + Files.size(folder.resolve(FIRST)) + Files.size(folder.resolve(SECOND)));
            assertThat(file.weights(Weights.EMA).entries())
                    .extracting(TensorEntry::name)
                    .containsExactly("b", "a");
            assertThatThrownBy(() -> file.weights(Weights.MODEL))
                    .isInstanceOf(IOException.class)
                    .hasMessage(index + " has no 'model' weights, only 'ema'");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors",
                "/etc/x.safetensors",
                "sub/x.safetensors",
                "..\\\\x.safetensors",
                "C:x.safetensors",
                "..",
                "",
                "passwd",
                ".safetensors",
                "x\\u0000.safetensors"
            })
    void filesElsewhere(String shard) throws IOException {
        assertRefused("{\"weight_map\":{\"a\":\"" + shard + "\"}}", "not the name of a safetensors file beside it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}} | it is not JSON: it has the field",
                "{\"weight_map\":{\"a\":{}}}        | its weight_map holds more than 100000 plain values",
                "{\"weight_map\":[]}                | its weight_map is not a JSON object",
                "{\"weight_map\":{}}                | its weight_map names 0 files",
                "{\"other\":{}}                     | it has the unknown field 'other'",
                "{\"weight_map\":{}} x              | it is not JSON",
                "{\"weight_map\":{\"a\"             | it is not JSON",
            })
    void indicesThatAreNone(String json, String reason) throws IOException {
        assertRefused(json, reason);
    }

    @Test
    void tensorsAndFilesThatAreNotThere() throws IOException {
        Path missing = index("{\"weight_map\":{\"ema.a\":\"missing.safetensors\"}}");
        assertThatThrownBy(() -> TensorFile.open(missing))
                .isInstanceOf(IOException.class)
                .hasMessage(folder.resolve("missing.safetensors") + ": does not exist or is not a file");
        assertRefused("{\"weight_map\":{\"x\":\"" + FIRST + "\"}}", "tensor 'x' is not in " + FIRST);
    }

    @Test
    void indicesWithoutEnd() throws IOException {
        StringBuilder many = new StringBuilder("{\"weight_map\":{\"0\":\"x.safetensors\"");
        for (int i = 1; i < 5000; i++) {
            many.append(",\"").append(i).append("\":\"").append(i).append(".safetensors\"");
        }
        assertRefused(many + "}}", "names 5000 files, allowed are 1 to 4096");
        assertRefused("{\"metadata\":" + "[".repeat(1_000_000), "its metadata is not a JSON object");
        assertRefused("{" + " ".repeat(17 << 20), "allowed are 16777216");
    }

    private Path index(String json) throws IOException {
        return Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }

    private void assertRefused(String json, String reason) throws IOException {
        Refusal.assertRefused(folder.resolve("evil.index.json"), json.getBytes(StandardCharsets.UTF_8), reason);
    }
}
