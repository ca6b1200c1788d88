package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksumsTest {
    private static final Map<String, String> METADATA = Map.of("step", "12", "config", "{\"width\":4}");

    @TempDir
    private Path folder;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    private Path written() throws IOException {
        Path file = folder.resolve("ours.safetensors");
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("ema.a", Tensors.zeros(DType.F32, 3, 5));
            tensors.put("ema.b", Tensors.zeros(DType.BF16, 7));
            tensors.put("none", Tensors.zeros(DType.I64, 0));
            SafeTensorsWriter.write(file, tensors, METADATA);
        }
        return file;
    }

    @Test
    void whatWasWrittenIsVerifiedAndTellsNothingOfItsChecksums() throws IOException {
        try (TensorFile file = TensorFile.open(written())) {
            file.verify();
            assertThat(file.hasChecksums()).isTrue();
            assertThat(file.metadata()).isEqualTo(METADATA);
        }
    }

    /** Names, shapes, metadata, numbers, the checksums themselves: any changed bit is noticed. */
    @Test
    void everyChangedBitIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(written());
        Path damaged = folder.resolve("damaged.safetensors");
        for (int at = 0; at < whole.length; at++) {
            byte[] bytes = whole.clone();
            bytes[at] ^= (byte) (1 << at % 8);
            Files.write(damaged, bytes);
            assertThatThrownBy(() -> verify(damaged))
                    .as("byte %d", at)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(damaged.toString());
        }
    }

    @Test
    void theDamagedTensorIsNamedWithAWayOn() throws IOException {
        Path file = written();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 4;
        Files.write(file, bytes);
        assertThatThrownBy(() -> verify(file))
                .hasMessage(
                        file + " is damaged: the numbers of tensor 'ema.b' are not those that were written. If another"
                                + " program changed the file on purpose, take 'checksums' out of its metadata");
    }

    @Test
    void halfOfAFileOfZerosIsNoticed() throws IOException {
        Path file = folder.resolve("half.safetensors");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(
                    file,
                    Map.of("w", Tensors.zeros(DType.F32, 1000).add_(new org.bytedeco.pytorch.Scalar(1))),
                    METADATA);
        }
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, bytes.length - 2000, bytes.length, (byte) 0);
        Files.write(file, bytes);
        assertThatThrownBy(() -> verify(file)).hasMessageContaining("the numbers of tensor 'w'");
    }

    @Test
    void filesOfOthersAreCheckedForNumbers() throws IOException {
        Path file = foreign(1, 2, 3);
        verify(file);
        assertThat(SafeTensors.open(file).hasChecksums()).isFalse();
        assertThatThrownBy(() -> verify(foreign(Float.NaN, 2, Float.POSITIVE_INFINITY)))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": tensor 'w' has 2 numbers that are not finite, of 3");
        verify(foreign(Float.MAX_VALUE, Float.MAX_VALUE, 1));
    }

    @Test
    void everyFileOfAnIndexIsVerified() throws IOException {
        Path index = folder.resolve("parts.safetensors.index.json");
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("a", Tensors.zeros(DType.F32, 100));
            tensors.put("b", Tensors.zeros(DType.F32, 100));
            SafeTensorsShards.write(index, tensors, METADATA, 500);
        }
        verify(index);
        Path second = folder.resolve("parts-00002-of-00002.safetensors");
        byte[] bytes = Files.readAllBytes(second);
        bytes[bytes.length - 9] = 1;
        Files.write(second, bytes);
        assertThatThrownBy(() -> verify(index))
                .hasMessageStartingWith(second + " is damaged: the numbers of tensor 'b'");
    }

    private Path foreign(float... values) throws IOException {
        String header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[" + values.length + "],\"data_offsets\":[0,"
                + 4 * values.length + "]}}";
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + header.length() + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        for (float value : values) {
            bytes.putFloat(value);
        }
        return Files.write(folder.resolve("foreign.safetensors"), bytes.array());
    }

    private static void verify(Path path) throws IOException {
        try (TensorFile file = TensorFile.open(path)) {
            file.verify();
        }
    }
}
