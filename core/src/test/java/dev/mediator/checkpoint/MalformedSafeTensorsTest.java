package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are broken or meant to break the reader: one line that names the file, at once. */
class MalformedSafeTensorsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1L << 60, Long.MAX_VALUE, -1, Long.MIN_VALUE, 100_000_001, 0, 1})
    void impossibleHeaderLengths(long length) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        assertRefused(bytes.array(), "claim a header of " + Long.toUnsignedString(length) + " bytes, the file has 64");
    }

    /** A length that is allowed, but longer than the file: nothing of that size may be allocated. */
    @Test
    void aHeaderThatEndsBehindTheFile() throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(99_000_000);
        assertRefused(bytes.array(), "claim a header of 99000000 bytes, the file has 64");
    }

    @Test
    void theSameNameTwice() throws IOException {
        String entry = "\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}";
        assertRefused("{" + entry + "," + entry + "}", 2, "its header is not JSON: it has the field");
    }

    @Test
    void overlappingTensors() throws IOException {
        assertRefused(
                "{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                        + "\"y\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}",
                8,
                "tensor 'y' overlaps another");
    }

    /** Found by fuzzing: a name with a line break in it made a message of two lines. */
    @Test
    void namesThatBreakLines() throws IOException {
        assertRefused(
                "{\"x\\ry\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}}",
                8,
                "tensor 'x?y' lies at bytes 0 to 9");
    }

    /** Bytes that no tensor claims could hold another file. */
    @Test
    void bytesThatBelongToNoTensor() throws IOException {
        String first = "{\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}";
        assertRefused(first + "}", 5, "its data bytes 2 to 5 belong to no tensor");
        assertRefused(
                first + ",\"y\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[4,6]}}",
                6,
                "its data bytes 2 to 4 belong to no tensor");
        assertRefused("{}", 1, "its data bytes 0 to 1 belong to no tensor");
    }

    /** Headers that are small, but whose content would take many times their memory. */
    @Test
    void headersThatGrowInMemory() throws IOException {
        int length = (16 << 20) - 100;
        assertRefused("{\"x\":" + "[".repeat(500) + "{}" + ",{}".repeat(length / 3 - 400), 0, "lacks dtype");
        assertRefused("{\"x\":{\"shape\":[" + "1,".repeat(length / 2 - 20) + "1]}}", 0, "has sizes out of range");
        assertRefused("{\"x\":{\"a\":1,\"b\":2}}", 0, "tensor 'x' has the unknown field a");
        assertRefused("{\"__metadata__\":{" + numbered(2_000_000, "\"\"") + "}}", 0, "more than 65536 metadata");
        assertRefused(
                "{" + numbered(200_000, "{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}") + "}",
                1,
                "it has more than 100000 tensors");
    }

    private static String numbered(int count, String value) {
        StringBuilder json = new StringBuilder();
        for (int i = 0; i < count && json.length() < (16 << 20) - 200; i++) {
            json.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(Integer.toString(i, 36))
                    .append("\":")
                    .append(value);
        }
        return json.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "U8  | [2]             | [0,8]           | tensor 'x' needs 2 bytes for its shape, its range has 8",
                "F32 | [2]             | [0,4]           | tensor 'x' needs 8 bytes for its shape, its range has 4",
                "U8  | [9]             | [0,9]           | tensor 'x' lies at bytes 0 to 9, the file holds 8",
                "U8  | [2]             | [8,10]          | (truncated?)",
                "U8  | [2]             | [4,2]           | lies at bytes 4 to 2",
                "U8  | [2]             | [-2,0]          | tensor 'x' has sizes out of range",
                "U8  | [-2]            | [0,2]           | tensor 'x' has sizes out of range",
                "U8  | [1.5]           | [0,2]           | tensor 'x' has sizes out of range",
                "U8  | [4611686018427387904,4611686018427387904,0] | [0,0] | tensor 'x' has sizes out of range",
                "F64 | [2305843009213693952] | [0,0]     | tensor 'x' has sizes out of range",
                "U8  | [99999999999999999999] | [0,2]    | tensor 'x' has sizes out of range",
                "U8  | [2]             | [0,9223372036854775807] | tensor 'x' lies at bytes 0 to 9223372036854775807",
                "U8  | [2]             | [0]             | tensor 'x' lacks dtype, shape or data_offsets",
                "U8  | 2               | [0,2]           | tensor 'x' lacks dtype, shape or data_offsets",
                "U8  | [[2]]           | [0,2]           | tensor 'x' has sizes out of range",
                "U8  | {\"dtype\":\"U8\"} | [0,2]       | tensor 'x' lacks dtype, shape or data_offsets",
                "F8_E4M3 | [2]         | [0,2]           | tensor 'x' has the unknown dtype F8_E4M3",
            })
    void tensorsThatDoNotFit(String dtype, String shape, String offsets, String reason) throws IOException {
        assertRefused(
                "{\"x\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}".formatted(dtype, shape, offsets),
                8,
                reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"x\":             | its header is not JSON",
                "not json at all     | its header is not JSON",
                "{} {}               | its header is not JSON",
                "[1,2]               | its header is not a JSON object",
                "null                | its header is not a JSON object",
                "{\"x\":3}           | tensor 'x' lacks dtype, shape or data_offsets",
                "{\"__metadata__\":{\"a\":1}} | metadata 'a' is not a string",
                "{\"__metadata__\":[1]}       | its __metadata__ is not a JSON object",
                "{\"__metadata__\":\"text\"}  | its __metadata__ is not a JSON object",
            })
    void headersThatAreNoHeaders(String header, String reason) throws IOException {
        assertRefused(header, 0, reason);
    }

    @Test
    void deeplyNestedJson() throws IOException {
        assertRefused("[".repeat(200_000), 0, "its header is not JSON");
    }

    @Test
    void bytesThatAreNotText() throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(8);
        bytes.putLong(0xfffefdfcfbfaf9f8L);
        assertRefused(bytes.array(), "its header is not JSON");
    }

    @Test
    void filesOfAnotherKind() throws IOException {
        byte[] png = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
        byte[] zip = {'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0};
        assertRefused(png, "its first 8 bytes claim a header of");
        assertRefused(zip, "its first 8 bytes claim a header of");
        assertRefused(new byte[0], "it is empty");
        assertRefused(new byte[7], "it has 7 bytes");
    }

    /** Wherever a file is cut off, the reader says so; it never hands out tensors beyond the end. */
    @Test
    void everyTruncationIsNoticed() throws IOException {
        Path whole = folder.resolve("whole.safetensors");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(whole, Map.of("x", Tensors.zeros(DType.F32, 5)), Map.of("a", "b"));
        }
        byte[] bytes = Files.readAllBytes(whole);
        for (int length = 0; length < bytes.length; length++) {
            assertRefused(Arrays.copyOf(bytes, length), "not a usable safetensors file");
        }
    }

    @Test
    void filesThatAreNotThere() {
        Path missing = folder.resolve("missing.safetensors");
        assertThatThrownBy(() -> SafeTensors.open(missing))
                .isInstanceOf(IOException.class)
                .hasMessage(missing + ": does not exist or is not a file");
        assertThatThrownBy(() -> SafeTensors.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString());
    }

    private void assertRefused(String header, int dataBytes, String reason) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        assertRefused(bytes.array(), reason);
    }

    private void assertRefused(byte[] bytes, String reason) throws IOException {
        Path path = folder.resolve("broken.safetensors");
        assertThatThrownBy(() -> SafeTensors.open(Files.write(path, bytes)))
                .message()
                .startsWith(path + " is not a usable safetensors file: ")
                .contains(reason);
        Refusal.assertRefused(path, bytes, "");
    }
}
