package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsShardsTest {
    @TempDir
    private Path folder;

    private Scope scope;

    @BeforeEach
    void openScope() {
        Engine.start();
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** 40 + 40 bytes fit into 100, the next 400 into no file and so into one of its own, the last go on behind. */
    @Test
    void filesAreFilledInOrderAndLargeTensorsStandAlone() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b", Tensors.full(1, 10));
        tensors.put("a", Tensors.full(2, 10));
        tensors.put("large", Tensors.full(3, 100));
        tensors.put("c", Tensors.to(Tensors.full(4, 10), DType.BF16));
        tensors.put("d", Tensors.zeros(DType.I64, 2));
        Path index = folder.resolve("net.safetensors.index.json");

        List<Path> files = SafeTensorsShards.write(index, tensors, Map.of("config", "{\"a\":1}"), 100);

        assertThat(files)
                .extracting(file -> file.getFileName().toString())
                .containsExactly(
                        "net-00001-of-00003.safetensors",
                        "net-00002-of-00003.safetensors",
                        "net-00003-of-00003.safetensors",
                        "net.safetensors.index.json");
        try (TensorFile second = TensorFile.open(files.get(1))) {
            assertThat(second.entries()).extracting(TensorEntry::name).containsExactly("large");
        }
        try (TensorFile read = TensorFile.open(index)) {
            assertThat(read.metadata()).isEqualTo(Map.of("total_size", "516", "config", "{\"a\":1}"));
            assertThat(read.entries()).extracting(TensorEntry::name).containsExactlyElementsOf(tensors.keySet());
            tensors.forEach(
                    (name, tensor) -> assertThat(read.sha256(name)).as(name).isEqualTo(TensorBytes.sha256(tensor)));
        }
    }

    @Test
    void indicesHaveTheirNameAndNotTooManyFiles() throws IOException {
        Tensor value = Tensors.full(1, 1);
        Map<String, Tensor> one = Map.of("a", value);
        assertThatThrownBy(() -> SafeTensorsShards.write(folder.resolve("a.json"), one, Map.of(), 100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a.json");
        Map<String, Tensor> many = new LinkedHashMap<>();
        for (int i = 0; i < 5000; i++) {
            many.put("x" + i, value);
        }
        Path index = folder.resolve("a.safetensors.index.json");
        assertThatThrownBy(() -> SafeTensorsShards.write(index, many, Map.of(), 4))
                .hasMessage("files of 4 bytes would be 5000, allowed are 4096");
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }
}
