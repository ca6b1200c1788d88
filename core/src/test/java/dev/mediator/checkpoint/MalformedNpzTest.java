package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.mediator.tensor.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are broken or meant to break the reader: one line that names the file, at once and with little memory. */
class MalformedNpzTest {
    private static final Path NUMPY = Path.of("src/test/resources/numpy");
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(9223372036854775808,) | holds more values than any file can",
                "(9223372036854775807,) | holds more values than any file can",
                "(4294967296, 4294967296) | holds more values than any file can",
                "(0, 4294967296, 4294967296) | holds more values than any file can",
                "(1000000000000,) | needs 4000000000128 bytes, found are 136 (truncated?)",
                "(3,) | needs 140 bytes, found are 136 (truncated?)",
                "(1,) | needs 132 bytes, found are 136",
                "(-2,) | its header cannot be read",
                "(2.0,) | its header cannot be read",
                "[2] | its header cannot be read",
            })
    void shapesThatDoNotFit(String shape, String reason) throws IOException {
        assertArrayRefused("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }", reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{'descr': '|O', 'fortran_order': False, 'shape': (2,), } ~ pickled Python objects",
                "{'descr': '<f4', 'shape': (2,), } ~ lacks descr, fortran_order or shape",
                "{'descr': '<f4', 'fortran_order': 'maybe', 'shape': (2,), } ~ lacks descr, fortran_order or shape",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1} ~ its header cannot be read",
                "{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (2,), } ~ its header cannot be",
                "hello ~ its header is not a dictionary",
            })
    void headersThatAreNone(String dictionary, String reason) throws IOException {
        assertArrayRefused(dictionary, reason);
    }

    @Test
    void shapesOfPython2() throws IOException {
        Path file = folder.resolve("old.npy");
        Files.write(file, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1L, 2L), }", 8));
        try (NpyReader npy = NpyReader.open(file)) {
            assertThat(npy.header().shape()).containsExactly(1L, 2L);
        }
    }

    @Test
    void versionsMagicAndLengths() throws IOException {
        byte[] good = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8);
        byte[] version = good.clone();
        version[6] = 4;
        assertNpyRefused(version, "its version is 4, known are 1 to 3");
        byte[] magic = good.clone();
        magic[1] = 'X';
        assertNpyRefused(magic, "it does not begin as a .npy array does");
        byte[] huge = good.clone();
        huge[6] = 2;
        Arrays.fill(huge, 8, 12, (byte) 0xff);
        assertNpyRefused(huge, "it claims a header of 4294967295 bytes");
        for (int length : new int[] {0, 5, 9, 40}) {
            assertNpyRefused(Arrays.copyOf(good, length), "it ends within its header");
        }
        assertNpyRefused(Arrays.copyOf(good, good.length - 1), "(truncated?)");
    }

    /** Cut anywhere, the archive lacks its end. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 21, 22, 100, 1000, 4000, 4273})
    void truncated(int length) throws IOException {
        byte[] whole = Files.readAllBytes(NUMPY.resolve("stored.npz"));
        assertArchiveRefused(
                Arrays.copyOf(whole, length), "its end, where the directory should be, is missing (truncated?)");
    }

    /** Whatever is changed: an error that names the file, or the same arrays. */
    @ParameterizedTest
    @ValueSource(strings = {"compressed.npz", "zip64.npz"})
    void damagedAnywhere(String name) throws IOException {
        byte[] whole = Files.readAllBytes(NUMPY.resolve(name));
        Path file = folder.resolve("damaged.npz");
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            Files.write(file, damaged);
            try (Scope scope = Scope.open()) {
                readAll(file);
            } catch (IOException e) {
                refused++;
                assertThat(e).hasMessageContaining(file.toString()).hasMessageNotContaining("\n");
            }
        }
        assertThat(refused).isGreaterThan(200);
    }

    @Test
    void checksums() throws IOException {
        byte[] whole = Files.readAllBytes(NUMPY.resolve("stored.npz"));
        int data = indexOf(whole, "'shape': (2, 3, 4)".getBytes(StandardCharsets.US_ASCII)) + 90;
        whole[data] ^= 1;
        Path file = write("sum.npz", whole);
        try (NpzFile npz = NpzFile.open(file)) {
            assertThatIOException()
                    .isThrownBy(() -> npz.read("u1", 1000))
                    .withMessage(file + ": array 'u1' is damaged: its checksum is wrong");
        }
    }

    /** As in Fifield's "A better zip bomb" (WOOT 2019): entries whose data are the same bytes. */
    @Test
    void overlappingEntries() throws IOException {
        byte[] archive = zip(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (100,), }", 100), "a.npy", "b.npy");
        ByteBuffer view = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
        int second = indexOf(archive, CENTRAL, indexOf(archive, CENTRAL, 0) + 4);
        view.putInt(second + 42, 0);
        assertArchiveRefused(archive, "entry b.npy has one name in the directory and another before its data");
        archive[second + 46] = 'a';
        assertArchiveRefused(archive, "entry a.npy overlaps another or the directory");
    }

    @Test
    void entriesOfTheSameName() throws IOException {
        byte[] archive = zip(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (100,), }", 100), "a.npy", "b.npy");
        archive[indexOf(archive, CENTRAL, indexOf(archive, CENTRAL, 0) + 4) + 46] = 'a';
        archive[indexOf(archive, LOCAL, 4) + 30] = 'a';
        assertArchiveRefused(archive, "two entries have the name a.npy");
    }

    /** Nothing is unpacked, but such names have no honest use. */
    @ParameterizedTest
    @ValueSource(strings = {"../a.npy", "/etc/a.npy", "a/../../b.npy", "..\\a.npy", "C:a.npy"})
    void namesThatLeadOut(String name) throws IOException {
        assertArchiveRefused(zip(new byte[10], name), "which is no path in an archive");
    }

    @Test
    void sizesThatNoDataCanHave() throws IOException {
        byte[] archive = zip(new byte[1000], "a.npy");
        ByteBuffer view = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
        int entry = indexOf(archive, CENTRAL, 0);
        view.putInt(entry + 24, 2_000_000_000);
        assertArchiveRefused(archive, "entry a.npy claims 2000000000 bytes, which cannot be in ");
    }

    /** A bomb that is no lie: 64 MB of zeros in 64 KB. Read against a limit, it costs nothing. */
    @Test
    void largeArraysInSmallFiles() throws IOException {
        byte[] header = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (67108864,), }", 0);
        Path file = write("bomb.npz", zip(Arrays.copyOf(header, header.length + (1 << 26)), "arr_0.npy"));
        assertThat(Files.size(file)).isLessThan(70_000);
        try (NpzFile npz = NpzFile.open(file)) {
            assertThat(npz.header("arr_0").dataBytes()).isEqualTo(1 << 26);
            assertThatIOException()
                    .isThrownBy(() -> npz.read("arr_0", 1 << 20))
                    .withMessageContaining("67108864 bytes; allowed here are 1048576");
        }
    }

    /** An entry whose data unpack to more than is said: no more than that is read. */
    @Test
    void dataThatGoOnAfterTheirEnd() throws IOException {
        byte[] array = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (100,), }", 100);
        byte[] archive = zip(Arrays.copyOf(array, 100_000), "a.npy");
        ByteBuffer view = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
        int entry = indexOf(archive, CENTRAL, 0);
        CRC32 crc = new CRC32();
        crc.update(array);
        view.putInt(entry + 24, array.length).putInt(entry + 16, (int) crc.getValue());
        try (Scope scope = Scope.open();
                NpzFile npz = NpzFile.open(write("longer.npz", archive))) {
            assertThat(npz.read("a", 100).numel()).isEqualTo(100);
        }
    }

    @Test
    void otherMethodsAndEncryption() throws IOException {
        byte[] archive = zip(new byte[100], "a.npy");
        int entry = indexOf(archive, CENTRAL, 0);
        byte[] method = archive.clone();
        method[entry + 10] = 14;
        assertArchiveRefused(method, "entry a.npy is compressed by the unknown method 14");
        byte[] encrypted = archive.clone();
        encrypted[entry + 8] |= 1;
        assertArchiveRefused(encrypted, "entry a.npy is encrypted");
    }

    @Test
    void positionsThatLieElsewhere() throws IOException {
        byte[] archive = zip(new byte[100], "a.npy");
        int entry = indexOf(archive, CENTRAL, 0);
        ByteBuffer outside = ByteBuffer.wrap(archive.clone()).order(ByteOrder.LITTLE_ENDIAN);
        outside.putInt(entry + 42, 0x7fffffff);
        assertArchiveRefused(outside.array(), "entry a.npy lies outside of the file (truncated?)");
        ByteBuffer wide = ByteBuffer.wrap(archive.clone()).order(ByteOrder.LITTLE_ENDIAN);
        wide.putInt(entry + 20, -1);
        assertArchiveRefused(wide.array(), "its directory lacks a ZIP64 field");
        ByteBuffer shifted = ByteBuffer.wrap(archive.clone()).order(ByteOrder.LITTLE_ENDIAN);
        shifted.putInt(indexOf(archive, LOCAL, 0), 0);
        assertArchiveRefused(shifted.array(), "is not where the directory says");
        ByteBuffer count = ByteBuffer.wrap(archive.clone()).order(ByteOrder.LITTLE_ENDIAN);
        count.putShort(archive.length - 12, (short) 2).putShort(archive.length - 14, (short) 2);
        assertArchiveRefused(count.array(), "it claims 2 entries and has 1");
        ByteBuffer directory = ByteBuffer.wrap(archive.clone()).order(ByteOrder.LITTLE_ENDIAN);
        directory.putInt(archive.length - 10, 0x7ffffff0);
        assertArchiveRefused(directory.array(), "its directory is not where its end says (truncated?)");
        ByteBuffer lost = ByteBuffer.wrap(archive.clone()).order(ByteOrder.LITTLE_ENDIAN);
        lost.putInt(archive.length - 6, -1);
        assertArchiveRefused(lost.array(), "its directory is not where its end says (truncated?)");
    }

    private static void readAll(Path file) throws IOException {
        try (NpzFile npz = NpzFile.open(file)) {
            for (String name : npz.names()) {
                npz.read(name, 1 << 16);
            }
        }
    }

    private void assertArrayRefused(String dictionary, String reason) throws IOException {
        byte[] array = npy(dictionary, 8);
        assertNpyRefused(array, reason);
        Path file = write("x.npz", zip(array, "arr_0.npy"));
        try (NpzFile npz = NpzFile.open(file)) {
            assertThatIOException()
                    .isThrownBy(() -> npz.read("arr_0", Long.MAX_VALUE))
                    .withMessageContaining(file + ": array 'arr_0'")
                    .withMessageContaining(reason);
        }
    }

    private void assertNpyRefused(byte[] bytes, String reason) throws IOException {
        Path file = write("x.npy", bytes);
        assertThatIOException()
                .isThrownBy(() -> NpyReader.open(file))
                .withMessageContaining(file.toString())
                .withMessageContaining(reason);
    }

    private void assertArchiveRefused(byte[] bytes, String reason) throws IOException {
        Refusal.assertRefused(folder.resolve("x.npz"), bytes, reason, ArrayReading.class);
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    /** An array of version 1 with 128 bytes in front of its data, which are zeros. */
    private static byte[] npy(String dictionary, int dataBytes) {
        ByteBuffer buffer = ByteBuffer.allocate(128 + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(NpyHeader.MAGIC).put((byte) 1).put((byte) 0).putShort((short) 118);
        buffer.put(dictionary.getBytes(StandardCharsets.US_ASCII));
        while (buffer.position() < 127) {
            buffer.put((byte) ' ');
        }
        return buffer.put((byte) '\n').array();
    }

    private static byte[] zip(byte[] content, String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(content);
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static int indexOf(byte[] bytes, int signature, int from) {
        ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = from; i <= bytes.length - 4; i++) {
            if (view.getInt(i) == signature) {
                return i;
            }
        }
        throw new AssertionError("no such signature");
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i <= bytes.length - part.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new AssertionError("no such bytes");
    }
}
