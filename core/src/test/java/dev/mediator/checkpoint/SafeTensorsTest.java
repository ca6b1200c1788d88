package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.process.LoopBody;
import dev.mediator.process.NativeGrowth;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafeTensorsTest {
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

    @ParameterizedTest
    @EnumSource
    void everyElementTypeSurvives(DType dtype) throws IOException {
        Tensor written = Tensors.to(Tensors.of(new float[] {0, 1, 3, 100, 0.5f, 7}, 2, 3), dtype);
        try (SafeTensors file = roundTrip(Map.of("x", written), Map.of())) {
            Tensor read = file.get("x");
            assertThat(DType.of(read)).isEqualTo(dtype);
            assertThat(Shapes.of(read)).containsExactly(2, 3);
            assertThat(Tensors.doubles(read)).isEqualTo(Tensors.doubles(written));
        }
    }

    @Test
    void specialValuesSurviveBitForBit() throws IOException {
        float[] values = {Float.NaN, Float.NEGATIVE_INFINITY, -0.0f, Float.MIN_VALUE, Float.MAX_VALUE};
        try (SafeTensors file = roundTrip(Map.of("x", Tensors.of(values, 5)), Map.of())) {
            assertThat(Tensors.floats(file.get("x"))).isEqualTo(values);
        }
    }

    @Test
    void emptyTensorsScalarsAndOrderSurvive() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("z", Tensors.zeros(DType.F32, 0));
        tensors.put("scalar", Tensors.of(new float[] {2.5f}));
        tensors.put("hole", Tensors.zeros(DType.I64, 3, 0, 2));
        tensors.put("a", Tensors.of(new long[] {-1}, 1));
        tensors.put("last", Tensors.zeros(DType.BF16, 0, 4));
        try (SafeTensors file = roundTrip(tensors, Map.of())) {
            assertThat(file.all()).containsOnlyKeys("z", "scalar", "hole", "a", "last");
            assertThat(Shapes.of(file.get("scalar"))).isEmpty();
            assertThat(Tensors.scalar(file.get("scalar"))).isEqualTo(2.5);
            assertThat(Shapes.of(file.get("hole"))).containsExactly(3, 0, 2);
            assertThat(DType.of(file.get("last"))).isEqualTo(DType.BF16);
            assertThat(Tensors.longs(file.get("a"))).containsExactly(-1);
        }
    }

    /** The header's length comes first, and may begin like a pickle (0x80, protocol). */
    @Test
    void headersOfAnyLengthAreRecognised() throws IOException {
        Path path = folder.resolve("x.safetensors");
        for (int padding = 0; padding < 1024; padding += 8) {
            SafeTensorsWriter.write(
                    path, Map.of("x", Tensors.zeros(DType.F32, 1)), Map.of("padding", " ".repeat(padding)));
            try (TensorFile file = TensorFile.open(path)) {
                assertThat(file.format()).as("%d bytes", padding).isEqualTo(TensorFormat.SAFETENSORS);
            }
        }
    }

    @Test
    void namesKeepTheirOrder() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : new String[] {"zebra", "apple", "mango"}) {
            tensors.put(name, Tensors.zeros(DType.F32, 2));
        }
        try (SafeTensors file = roundTrip(tensors, Map.of())) {
            assertThat(file.all().keySet()).containsExactly("zebra", "apple", "mango");
            assertThat(file.entries()).extracting(TensorEntry::name).containsExactly("zebra", "apple", "mango");
        }
    }

    @Test
    void metadataSurvives() throws IOException {
        Map<String, String> metadata = Map.of("config", "{\"depth\": 3}", "Größe", "„α“ \n\t\"\\ \u0000", "empty", "");
        try (SafeTensors file = roundTrip(Map.of("x", Tensors.zeros(DType.U8, 1)), metadata)) {
            assertThat(file.metadata()).isEqualTo(metadata);
        }
    }

    @Test
    void aFileWithoutTensorsIsAFile() throws IOException {
        try (SafeTensors file = roundTrip(Map.of(), Map.of("only", "metadata"))) {
            assertThat(file.entries()).isEmpty();
            assertThat(file.all()).isEmpty();
            assertThat(file.metadata()).containsEntry("only", "metadata");
        }
    }

    @Test
    void anyMemoryLayoutIsWrittenRowMajor() throws IOException {
        Tensor transposed = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).t();
        try (SafeTensors file = roundTrip(Map.of("x", transposed), Map.of())) {
            assertThat(Shapes.of(file.get("x"))).containsExactly(3, 2);
            assertThat(Tensors.floats(file.get("x"))).containsExactly(1, 4, 2, 5, 3, 6);
        }
    }

    /** Headers of other writers need not be padded, and a BOOL may stand before an F64. */
    @Test
    void dataThatIsNotAlignedIsReadAllTheSame() throws IOException {
        String header = "{\"flag\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"x\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[1,17]}}";
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 17).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).put((byte) 1).putDouble(0.1).putDouble(-7e300);
        Path path = Files.write(folder.resolve("odd.safetensors"), bytes.array());

        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(Tensors.doubles(file.get("x"))).containsExactly(0.1, -7e300);
            assertThat(Tensors.longs(file.get("flag"))).containsExactly(1);
        }
    }

    @Test
    void viewsStayValidAfterTheFileIsClosedAndReplaced() throws IOException {
        Path path = folder.resolve("replaced.safetensors");
        SafeTensorsWriter.write(path, Map.of("x", Tensors.full(1, 1000)), Map.of());
        Tensor view;
        try (SafeTensors file = SafeTensors.open(path)) {
            view = file.get("x");
        }
        SafeTensorsWriter.write(path, Map.of("x", Tensors.full(2, 1000)), Map.of());

        assertThat(Tensors.floats(view)).containsOnly(1);
    }

    @Test
    void writingToAViewDoesNotChangeTheFile() throws IOException {
        try (SafeTensors file = roundTrip(Map.of("x", Tensors.full(1, 4)), Map.of())) {
            byte[] before = Files.readAllBytes(file.file());
            file.get("x").zero_();
            assertThat(Files.readAllBytes(file.file())).isEqualTo(before);
        }
    }

    /** The digest of 24 bytes, computed elsewhere. */
    @Test
    void checksumsAreThoseOfTheBytes() throws IOException {
        Tensor tensor = Tensors.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3);
        try (SafeTensors file = roundTrip(Map.of("x", tensor, "none", Tensors.zeros(DType.F32, 0)), Map.of())) {
            assertThat(file.sha256("x")).isEqualTo("e2c0a71510b5394df7773b63fb5f54372b84c3564e67811bde7d665be227976d");
            assertThat(file.sha256("none"))
                    .as("of nothing")
                    .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        }
    }

    @Test
    void aTensorThatIsNotThereIsNamed() throws IOException {
        try (SafeTensors file = roundTrip(Map.of("x", Tensors.full(1, 4)), Map.of())) {
            assertThat(file.contains("x")).isTrue();
            assertThat(file.contains("y")).isFalse();
            assertThatThrownBy(() -> file.get("y"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file.file() + " has no tensor 'y'");
        }
    }

    @Test
    void openingAFileAgainAndAgainLeavesNoMappingBehind() throws Exception {
        assertThat(NativeGrowth.of(OpenAndRead.class, 10, 100)).isZero();
    }

    /** Opens a file of 256 KB and reads it. */
    public static final class OpenAndRead implements LoopBody {
        private final Path path;

        public OpenAndRead() throws IOException {
            path = Files.createTempFile("memory", ".safetensors");
            try (Scope scope = Scope.open()) {
                SafeTensorsWriter.write(path, Map.of("x", Tensors.full(1, 64, 1024)), Map.of());
            }
        }

        @Override
        public void step() throws IOException {
            try (Scope step = Scope.open();
                    SafeTensors file = SafeTensors.open(path)) {
                assertThat(Tensors.maxAbs(file.get("x"))).isEqualTo(1);
            }
        }

        @Override
        public void close() throws IOException {
            Files.delete(path);
        }
    }

    private SafeTensors roundTrip(Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        Path path = folder.resolve("file.safetensors");
        SafeTensorsWriter.write(path, tensors, metadata);
        return SafeTensors.open(path);
    }
}
