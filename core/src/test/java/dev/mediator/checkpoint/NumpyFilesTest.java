package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that numpy wrote; src/test/resources/numpy/README.md tells what they hold. */
class NumpyFilesTest {
    private static final Path FOLDER = Path.of("src/test/resources/numpy");
    private static final long PLENTY = 1 << 20;

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
    @ValueSource(strings = {"stored.npz", "compressed.npz"})
    void everyType(String name) throws IOException {
        try (NpzFile npz = NpzFile.open(FOLDER.resolve(name))) {
            assertThat(npz.names()).contains("u1", "f8", "scalar", "ff").hasSize(14);
            assertArray(npz, "u1", DType.U8, 1, 0);
            assertArray(npz, "i1", DType.I8, 1, -12);
            assertArray(npz, "i2", DType.I16, 1000, -7);
            assertArray(npz, "i4", DType.I32, 1e7, -7);
            assertArray(npz, "i8", DType.I64, 1L << 40, -7);
            assertArray(npz, "f2", DType.F16, 1 / 8.0, -1);
            assertArray(npz, "f8", DType.F64, 1 / 7.0, 0);
            assertThat(Tensors.floats(npz.read("f4", PLENTY))[23]).isEqualTo(23 / 7f);
            Tensor flags = npz.read("b1", PLENTY);
            assertThat(DType.of(flags)).isEqualTo(DType.BOOL);
            assertThat(Tensors.longs(flags)).startsWith(1, 0, 0, 1, 0, 0, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stored.npz", "compressed.npz"})
    void everyShapeAndOrder(String name) throws IOException {
        try (NpzFile npz = NpzFile.open(FOLDER.resolve(name))) {
            Tensor single = npz.read("scalar", PLENTY);
            assertThat(Shapes.of(single)).isEmpty();
            assertThat(Tensors.scalar(single)).isEqualTo(2.5);
            assertThat(Shapes.of(npz.read("empty", PLENTY))).containsExactly(0, 5);
            assertThat(Tensors.floats(npz.read("vector", PLENTY))).containsExactly(0, 1, 2, 3, 4);
            assertThat(npz.header("fortran").fortranOrder()).isTrue();
            assertArray(npz, "fortran", DType.F32, 1, 0);
            Tensor small = npz.read("ff", PLENTY);
            assertThat(small.is_contiguous()).isTrue();
            assertThat(Tensors.longs(small)).containsExactly(0, 1, 2, 3, 4, 5);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,false", "2,true", "3,false"})
    void everyVersion(int version, boolean fortran) throws IOException {
        try (NpyReader npy = NpyReader.open(FOLDER.resolve("version" + version + ".npy"))) {
            assertThat(npy.header().fortranOrder()).isEqualTo(fortran);
            assertThat(npy.header().shape()).containsExactly(2L, 3L, 4L);
            assertThat(Tensors.doubles(npy.readAll(PLENTY))).containsExactly(upTo(24));
        }
    }

    @Test
    void archivesWith64BitFields() throws IOException {
        try (NpzFile npz = NpzFile.open(FOLDER.resolve("zip64.npz"))) {
            assertThat(npz.names()).containsExactly("first", "second");
            assertThat(Tensors.doubles(npz.read("first", PLENTY))).containsExactly(upTo(300));
            assertThat(Tensors.longs(npz.read("second", PLENTY))).containsExactly(0, 1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void severalArraysAreReadInTurnRowByRow() throws IOException {
        try (NpzFile npz = NpzFile.open(FOLDER.resolve("images.npz"));
                NpyReader images = npz.array("arr_0");
                NpyReader labels = npz.array("arr_1")) {
            double[] all = Tensors.doubles(npz.read("arr_0", PLENTY));
            assertThat(images.header().rowBytes()).isEqualTo(72);
            byte[] first = new byte[72];
            images.read(first);
            assertThat(first[71]).isEqualTo((byte) all[71]);
            assertThat(Tensors.longs(labels.next(2))).containsExactly(0, 1);
            assertThat(Shapes.of(images.next(3))).containsExactly(3, 4, 6, 3);
            assertThat(images.rowsLeft()).isEqualTo(1);
            Tensor last = images.next(3);
            assertThat(Shapes.of(last)).containsExactly(1, 4, 6, 3);
            assertThat(Tensors.doubles(last)[71]).isEqualTo(all[359]);
            assertThat(images.rowsLeft()).isZero();
            assertThat(Shapes.of(images.next(3))).containsExactly(0, 4, 6, 3);
            assertThatIOException().isThrownBy(() -> images.read(new byte[1])).withMessageContaining("ends too early");
            assertThat(Tensors.longs(labels.next(9))).containsExactly(2, 3, 4);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "objects    | it holds pickled Python objects, which are never loaded",
                "structured | it is a structured array: {'descr': [('x', '<f4'), ('y', '<i8')]",
                "big        | ; in numpy: array.astype('<f4')",
                "complex    | ; in numpy: array.real.astype('<f8')",
                "text       | its element type is '<U2'",
                "u4         | ; in numpy: array.astype('<i8')",
                "dates      | its element type is '<M8[s]'",
            })
    void whatIsNotReadIsRefusedByName(String name, String reason) throws IOException {
        Path file = FOLDER.resolve("refused.npz");
        try (NpzFile npz = NpzFile.open(file)) {
            assertThatIOException()
                    .isThrownBy(() -> npz.header(name))
                    .withMessageContaining(file + ": array '" + name + "'")
                    .withMessageContaining(reason);
        }
    }

    @Test
    void limitsAreKept() throws IOException {
        try (NpzFile npz = NpzFile.open(FOLDER.resolve("stored.npz"))) {
            assertThatIOException()
                    .isThrownBy(() -> npz.read("f8", 191))
                    .withMessageContaining("192 bytes; allowed here are 191");
            assertThatIOException()
                    .isThrownBy(() -> npz.read("mu", PLENTY))
                    .withMessageContaining("has no array 'mu', found are [u1, ");
        }
        try (NpzFile npz = NpzFile.open(FOLDER.resolve("stored.npz"));
                NpyReader fortran = npz.array("fortran")) {
            assertThatIOException().isThrownBy(() -> fortran.next(1)).withMessageContaining("Fortran order");
            assertThatThrownBy(() -> fortran.next(0)).hasMessageContaining("maxRows is 0");
        }
    }

    private static void assertArray(NpzFile npz, String name, DType dtype, double factor, double offset)
            throws IOException {
        Tensor read = npz.read(name, PLENTY);
        double[] expected =
                IntStream.range(0, 24).mapToDouble(i -> i * factor + offset).toArray();
        assertThat(DType.of(read)).isEqualTo(dtype);
        assertThat(Shapes.of(read)).containsExactly(2, 3, 4);
        assertThat(Tensors.relativeError(read, Tensors.of(expected, 2, 3, 4))).isLessThan(1e-15);
    }

    private static double[] upTo(int end) {
        return IntStream.range(0, end).mapToDouble(i -> i).toArray();
    }

    /** Found by fuzzing: a type "<i\n" stood in a refusal as it was. */
    @Test
    void aRefusalIsOneLineWhateverTheFileSays() {
        assertThat(NpyHeader.malformed("a.npy", "its element type is '<i\n'"))
                .hasMessage("a.npy is not a usable numpy array: its element type is '<i?'");
    }
}
