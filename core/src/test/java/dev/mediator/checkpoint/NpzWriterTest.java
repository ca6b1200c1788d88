package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipFile;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NpzWriterTest {
    @TempDir
    private Path folder;

    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsRead(Compression compression) throws IOException {
        Path file = folder.resolve("new/arrays.npz");
        NpzWriter.write(file, arrays(), compression);
        assertSame(file);
        try (ZipFile zip = new ZipFile(file.toFile())) { // Java's own reader understands it as well
            var entry = zip.getEntry("f4.npy");
            assertThat(zip.getInputStream(entry).readAllBytes()).hasSize(128 + 1000 * 4);
            assertThat(entry.getCompressedSize() < entry.getSize()).isEqualTo(compression == Compression.DEFLATED);
        }
        byte[] before = Files.readAllBytes(file);
        NpzWriter.write(file, arrays(), compression);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void archivesThatNeed64BitFields(Compression compression) throws IOException {
        Path file = folder.resolve("wide.npz");
        try (NpzWriter npz = NpzWriter.create(file, compression, 100)) {
            for (Map.Entry<String, Tensor> array : arrays().entrySet()) {
                npz.add(array.getKey(), array.getValue());
            }
            npz.finish();
        }
        assertSame(file);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.getInputStream(zip.getEntry("f4.npy")).readAllBytes())
                    .hasSize(128 + 1000 * 4);
        }
    }

    /** The header is that of numpy 2.4.6, byte for byte. */
    @Test
    void headersAreAsNumpyWritesThem() throws IOException {
        try (NpyReader npy = NpyReader.open(Path.of("src/test/resources/numpy/version1.npy"))) {
            Path copy = folder.resolve("copy.npy");
            NpyWriter.write(copy, npy.readAll(1 << 20));
            assertThat(copy).hasSameBinaryContentAs(Path.of("src/test/resources/numpy/version1.npy"));
        }
        assertThat(text(3, 4)).contains("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }");
        assertThat(text(3)).contains("'shape': (3,), }");
        assertThat(text()).contains("'shape': (), }");
    }

    @Test
    void rowsOneByOne() throws IOException {
        Path file = folder.resolve("rows.npz");
        try (NpzWriter npz = NpzWriter.create(file, Compression.STORED)) {
            npz.begin("arr_0", DType.U8, 2, 3);
            npz.append(new byte[] {1, 2, 3});
            npz.append(new byte[] {4, 5});
            npz.append(new byte[] {(byte) 255});
            assertThat(file).doesNotExist();
            npz.finish();
        }
        try (NpzFile npz = NpzFile.open(file)) {
            assertThat(Tensors.longs(npz.read("arr_0", 6))).containsExactly(1, 2, 3, 4, 5, 255);
        }
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void unfinishedFilesLeaveNothing() throws IOException {
        Path file = folder.resolve("rows.npz");
        Files.writeString(file, "what was there before");
        try (NpzWriter npz = NpzWriter.create(file, Compression.DEFLATED)) {
            npz.begin("arr_0", DType.U8, 2, 3);
            npz.append(new byte[5]);
            assertThatIllegalStateException().isThrownBy(npz::finish).withMessageContaining("lacks 1 bytes");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> npz.append(new byte[2]))
                    .withMessageContaining("room for 1 more bytes, given are 2");
        }
        assertThat(file).hasContent("what was there before");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void namesAndTypesAreChecked() throws IOException {
        try (NpzWriter npz = NpzWriter.create(folder.resolve("x.npz"), Compression.STORED)) {
            npz.add("a", Tensors.zeros(DType.F32, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> npz.add("a", Tensors.zeros(DType.F32, 1)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> npz.add("b", Tensors.zeros(DType.BF16, 1)))
                    .withMessageContaining("numpy has no type for bf16");
        }
    }

    private static Map<String, Tensor> arrays() {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("f4", Tensors.full(0.5, 1000));
        arrays.put("i8", Tensors.of(new long[] {1, -2, 1L << 60, 4, 5, 6}, 2, 3).t()); // not contiguous
        arrays.put("empty", Tensors.zeros(DType.U8, 0, 4));
        arrays.put("größe", Tensors.of(new double[] {Math.PI}));
        return arrays;
    }

    private static void assertSame(Path file) throws IOException {
        try (NpzFile npz = NpzFile.open(file)) {
            assertThat(npz.names()).containsExactlyElementsOf(arrays().keySet());
            for (Map.Entry<String, Tensor> array : arrays().entrySet()) {
                Tensor read = npz.read(array.getKey(), 1 << 20);
                assertThat(DType.of(read)).isEqualTo(DType.of(array.getValue()));
                assertThat(Shapes.of(read)).isEqualTo(Shapes.of(array.getValue()));
                assertThat(Tensors.doubles(read)).isEqualTo(Tensors.doubles(array.getValue()));
            }
        }
    }

    private static String text(long... shape) {
        return new String(NpyHeader.bytesFor(DType.F32, shape), StandardCharsets.ISO_8859_1);
    }
}
