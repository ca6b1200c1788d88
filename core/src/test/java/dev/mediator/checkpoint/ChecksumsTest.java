package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.file.JsonFile;
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
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

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
                .hasMessage(file
                        + " is damaged: the numbers of tensor 'ema.b' have changed since they were written. If another"
                        + " program changed the file on purpose, take 'checksums' out of its metadata");
    }

    @Test
    void halfOfAFileOfZerosIsNoticed() throws IOException {
        Path file = folder.resolve("half.safetensors");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(
                    file, Map.of("w", Tensors.zeros(DType.F32, 1000).add_(new Scalar(1))), METADATA);
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
        Path index = parts("parts", 0);
        verify(index);
        Path second = folder.resolve("parts-00002-of-00002.safetensors");
        byte[] bytes = Files.readAllBytes(second);
        bytes[bytes.length - 9] = 1;
        Files.write(second, bytes);
        assertThatThrownBy(() -> verify(index))
                .hasMessageStartingWith(second + " is damaged: the numbers of tensor 'b'");
    }

    /** Each file is sound, but they are not of one network. */
    @Test
    void aFileOfAnotherNetworkIsNoticed() throws IOException {
        Path index = parts("ours", 0);
        parts("others", 1);
        Path second = folder.resolve("ours-00002-of-00002.safetensors");
        Files.copy(folder.resolve("others-00002-of-00002.safetensors"), second, StandardCopyOption.REPLACE_EXISTING);
        String reason = second + " is not the file that ours.safetensors.index.json was written for: its checksums"
                + " differ. If it was changed on purpose, take 'checksums' and 'checksum' out of " + index;
        assertThatThrownBy(() -> verify(index)).isInstanceOf(IOException.class).hasMessage(reason);
        try (TensorFile file = TensorFile.open(index)) {
            assertThatThrownBy(file::verified).hasMessage(reason);
            assertThatThrownBy(() -> file.part("a").verified()).hasMessage(reason);
        }
    }

    @Test
    void aFileOfAnIndexWithoutItsChecksumsIsNoticed() throws IOException {
        Path index = parts("parts", 0);
        Path first = folder.resolve("parts-00001-of-00002.safetensors");
        String text = Files.readString(first, StandardCharsets.ISO_8859_1);
        Files.writeString(first, text.replace("checksums", "otherwise"), StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> verify(index)).hasMessageStartingWith(first.toString());
        Files.writeString(first, text.replace("crc32c", "nocrcs"), StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> verify(index)).hasMessageStartingWith(first.toString());
    }

    @Test
    void everyChangedLetterOfAnIndexIsNoticed() throws IOException {
        Path index = parts("parts", 0);
        byte[] whole = Files.readAllBytes(index);
        for (int at = 0; at < whole.length; at++) {
            if (Character.isLetterOrDigit(whole[at])) {
                byte[] bytes = whole.clone();
                bytes[at] ^= 1;
                Files.write(index, bytes);
                assertThatThrownBy(() -> verify(index)).as("byte %d", at).isInstanceOf(IOException.class);
            }
        }
    }

    /** As earlier versions wrote it, and as others do. */
    @Test
    void anIndexWithoutChecksumsIsReadAndTellsWhatHasNone() throws IOException {
        Path index = parts("parts", 0);
        try (TensorFile file = TensorFile.open(index)) {
            assertThat(file.hasChecksums()).isTrue();
            assertThat(file.withoutChecksums()).isEmpty();
            assertThat(file.metadata()).containsAllEntriesOf(METADATA).containsOnlyKeys("step", "config", "total_size");
        }
        ObjectNode json = JsonFile.object(index);
        ((ObjectNode) json.get("metadata")).remove("checksums");
        Files.writeString(index, json.toString());
        try (TensorFile file = TensorFile.open(index)) {
            assertThat(file.withoutChecksums()).containsExactly(index);
            file.verified();
            file.verify();
        }
        Path foreign = foreign(1, 2);
        Files.writeString(
                index,
                "{\"weight_map\": {\"w\": \"foreign.safetensors\", \"b\": \"parts-00002-of-00002.safetensors\"}}");
        try (TensorFile file = TensorFile.open(index)) {
            assertThat(file.withoutChecksums()).containsExactly(index, foreign);
            assertThat(file.hasChecksums()).isFalse();
            file.verify();
        }
        foreign(Float.NaN);
        assertThatThrownBy(() -> verify(index)).hasMessageContaining("not finite");
    }

    private Path parts(String name, int value) throws IOException {
        Path index = folder.resolve(name + ".safetensors.index.json");
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("a", Tensors.zeros(DType.F32, 100));
            tensors.put("b", Tensors.zeros(DType.F32, 100).add_(new Scalar(value)));
            SafeTensorsShards.write(index, tensors, METADATA, 500);
        }
        return index;
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
