package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsWriterTest {
    @TempDir
    private Path folder;

    private Scope scope;

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** {@code Map.of} has another order in each process. */
    @Test
    void theSameContentGivesTheSameBytes() throws IOException {
        Map<String, String> other = new LinkedHashMap<>();
        for (String key : new String[] {"c", "a", "b"}) {
            other.put(key, "text");
        }
        Map<String, Tensor> tensors = Map.of("x", Tensors.full(1, 4));
        Path first = folder.resolve("first.safetensors");
        Path second = folder.resolve("second.safetensors");

        SafeTensorsWriter.write(first, tensors, new TreeMap<>(other));
        SafeTensorsWriter.write(second, tensors, other);

        assertThat(second).hasSameBinaryContentAs(first);
    }

    @Test
    void theHeaderIsPaddedSoThatDataIsAligned() throws IOException {
        for (int length = 0; length < 9; length++) {
            Path file = folder.resolve("padded.safetensors");
            SafeTensorsWriter.write(file, Map.of("x", Tensors.full(1, 3)), Map.of("m", "x".repeat(length)));
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            long headerBytes = bytes.getLong(0);
            assertThat(headerBytes % 8).isZero();
            assertThat(bytes.capacity()).isEqualTo(8 + headerBytes + 12);
            assertThat(bytes.getFloat((int) (8 + headerBytes))).isEqualTo(1);
        }
    }

    @Test
    void foldersAreMadeAndFilesReplaced() throws IOException {
        Path file = folder.resolve("a/b/x.safetensors");
        SafeTensorsWriter.write(file, Map.of("x", Tensors.full(1, 3)), Map.of());
        SafeTensorsWriter.write(file, Map.of("y", Tensors.full(2, 1)), Map.of());

        try (SafeTensors read = SafeTensors.open(file)) {
            assertThat(read.all()).containsOnlyKeys("y");
        }
        assertThat(folder.resolve("a/b").toFile().list()).containsExactly("x.safetensors");
    }

    /** The second tensor has a shape but no data, so that writing fails half way. */
    @Test
    void aFailedWriteLeavesTheOldFile() throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafeTensorsWriter.write(file, Map.of("x", Tensors.full(1, 3)), Map.of());
        byte[] before = Files.readAllBytes(file);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("x", Tensors.full(2, 3));
        tensors.put("y", Tensors.zeros(DType.F32, 2).to(new Device("meta"), DType.F32.scalarType()));

        assertThatThrownBy(() -> SafeTensorsWriter.write(file, tensors, Map.of()))
                .isInstanceOf(RuntimeException.class);

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(folder.toFile().list()).as("no temporary file stays").containsExactly("model.safetensors");
    }

    /** What a process killed while writing leaves behind is not in the way. */
    @Test
    void anAbandonedTemporaryFileIsOverwritten() throws IOException {
        Path file = folder.resolve("model.safetensors");
        Files.write(folder.resolve("model.safetensors.tmp"), new byte[100_000]);

        SafeTensorsWriter.write(file, Map.of("x", Tensors.full(4, 3)), Map.of());

        try (SafeTensors read = SafeTensors.open(file)) {
            assertThat(Tensors.floats(read.get("x"))).containsOnly(4);
        }
        assertThat(folder.toFile().list()).containsExactly("model.safetensors");
    }

    @Test
    void aFolderInTheWayIsAnErrorThatNamesTheFile() throws IOException {
        Path file = folder.resolve("taken.safetensors");
        Files.createDirectories(file.resolve("inside"));
        assertThatThrownBy(() -> SafeTensorsWriter.write(file, Map.of("x", Tensors.full(1, 3)), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }
}
