package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.pickle.PickleBudget;
import dev.mediator.checkpoint.pickle.PickleReader;
import dev.mediator.checkpoint.pickle.PickleWriter;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PyTorch itself reads these files as well: checked by hand with 1.13 and 2.15, both with {@code weights_only=True}. */
class TorchWriterTest {
    private static final Map<String, String> DESCRIPTION = Map.of("config", "{\"größe\": 1}");

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

    /** The second limit has the archive use its 64-bit fields wherever it can. */
    @ParameterizedTest
    @ValueSource(longs = {ZipWriter.LIMIT_32, 10})
    void everyTypeAndLayoutIsReadBitEqual(long limit32) throws IOException {
        Path file = folder.resolve("new/all.pt");
        Map<String, Tensor> tensors = tensors();
        TorchWriter.write(file, tensors, DESCRIPTION, limit32);

        try (TorchFile read = TorchFile.open(file)) {
            assertThat(read.weights(Weights.EMA).all()).containsOnlyKeys(tensors.keySet());
            tensors.forEach((name, tensor) -> {
                Tensor found = read.get("ema." + name);
                assertThat(DType.of(found)).as(name).isEqualTo(DType.of(tensor));
                assertThat(Shapes.of(found)).as(name).isEqualTo(Shapes.of(tensor));
                assertThat(TensorBytes.sha256(found)).as(name).isEqualTo(TensorBytes.sha256(tensor));
            });
            assertThat(read.description()).isEqualTo(DESCRIPTION);
            assertThat(read.weights(Weights.EMA).description()).isEqualTo(DESCRIPTION);
            assertThat(read.metadata()).containsOnlyKeys("mediator.config");
            assertThat(read.format()).isEqualTo(TensorFormat.TORCH_ZIP);
        }
    }

    @Test
    void theArchiveIsAsPyTorchLaysItOut() throws IOException {
        Path file = folder.resolve("all.pt");
        TorchWriter.write(file, tensors(), DESCRIPTION);
        byte[] before = Files.readAllBytes(file);

        try (FileChannel channel = FileChannel.open(file)) {
            Map<String, ZipEntry> entries = ZipDirectory.read(new FileBytes(channel));
            assertThat(entries)
                    .containsKeys("archive/data.pkl", "archive/byteorder", "archive/version", "archive/data/0")
                    .hasSize(3 + tensors().size());
            assertThat(entries.values()).allSatisfy(entry -> {
                assertThat(entry.deflated()).isFalse();
                assertThat(entry.data().begin() % 64).as(entry.name()).isZero();
            });
        }
        try (ZipFile zip = new ZipFile(file.toFile())) { // Java's own reader understands it as well
            assertThat(zip.getInputStream(zip.getEntry("archive/version")).readAllBytes())
                    .containsExactly('3', '\n');
        }
        TorchWriter.write(file, tensors(), DESCRIPTION);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    /** The second tensor has a shape but no data, so that writing fails half way. */
    @Test
    void aFailedWriteLeavesTheOldFile() throws IOException {
        Path file = Files.writeString(folder.resolve("model.pt"), "what was there");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("x", Tensors.full(2, 3));
        tensors.put("y", Tensors.zeros(DType.F32, 2).to(new Device("meta"), DType.F32.scalarType()));

        assertThatThrownBy(() -> TorchWriter.write(file, tensors, Map.of())).isInstanceOf(RuntimeException.class);

        assertThat(file).hasContent("what was there");
        assertThat(folder.toFile().list()).as("no temporary file stays").containsExactly("model.pt");
    }

    @Test
    void integersOfAnySizeAreWritten() throws IOException {
        long[] values = {0, 1, -1, 255, 256, -(1L << 31), 1L << 31, -(1L << 31) - 1, Long.MAX_VALUE, Long.MIN_VALUE};
        byte[] pickle = new PickleWriter().integers(values).finish();

        PickleBudget budget = new PickleBudget(1 << 20);
        Object read = new PickleReader(
                        new ByteArrayInputStream(pickle), pickle.length, new TorchVocabulary(budget), budget)
                .next();

        assertThat((List<?>) read).isEqualTo(Arrays.stream(values).boxed().toList());
    }

    private static Map<String, Tensor> tensors() {
        Tensor numbers = new RandomStream(3, 0).normalTensor(0, 5, 7);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (DType dtype : DType.values()) {
            tensors.put("blocks.0." + dtype, Tensors.to(numbers, dtype));
        }
        tensors.put("transposed", numbers.t());
        tensors.put("part", numbers.narrow(1, 2, 3));
        tensors.put("scalar", numbers.select(0, 0).select(0, 0));
        tensors.put("empty", Tensors.empty(DType.F32, 3, 0, 2));
        return tensors;
    }
}
