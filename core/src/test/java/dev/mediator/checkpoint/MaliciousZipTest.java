package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.tensor.Engine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that are broken, lie about themselves, or are made to mislead. */
class MaliciousZipTest {
    private static final String PICKLE = "archive/data.pkl";
    private static final byte[] EMPTY = PickleBytes.of(PickleBytes.protocol(2).ops("}"));
    private static final byte[] ONE_TENSOR =
            PickleBytes.of(PickleBytes.protocol(2).tensor("0", 4, 0, new long[] {4}, new long[] {1}));

    @TempDir
    private Path folder;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    /** What all the following change is a good file. */
    @Test
    void honestArchivesAreRead() throws IOException {
        try (TensorFile file = TensorFile.open(Files.write(
                folder.resolve("good.pt"), honest().inDirectory(0, 4, 0).bytes()))) {
            assertThat(file.entries()).extracting(TensorEntry::name).containsExactly("tensor");
        }
        byte[] deflated = new ZipBytes()
                .addDeflated(PICKLE, ONE_TENSOR)
                .add("archive/data/0", new byte[16])
                .end()
                .bytes();
        try (TensorFile file = TensorFile.open(Files.write(folder.resolve("deflated.pt"), deflated))) {
            assertThat(file.sha256("tensor")).startsWith("374708fff7719dd5");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "archive/../../x",
                "archive/data/..",
                "/etc/passwd",
                "..",
                "archive\\..\\x",
                "C:/x",
                "archive/\0",
                "a\nb"
            })
    void namesThatLeadOut(String name) throws IOException {
        assertRefused(new ZipBytes().add(PICKLE, EMPTY).add(name, new byte[1]).end(), "which is no path in an archive");
    }

    @Test
    void storageKeysAreNamesInTheArchiveOnly() throws IOException {
        for (String key : new String[] {"../../../../etc/passwd", "/etc/passwd", "../data.pkl", ""}) {
            byte[] pickle = PickleBytes.of(PickleBytes.protocol(2).tensor(key, 1, 0, new long[] {1}, new long[] {1}));
            assertRefused(new ZipBytes().add(PICKLE, pickle).end(), "it has no entry archive/data/" + key);
        }
    }

    @Test
    void theSameNameTwice() throws IOException {
        assertRefused(
                new ZipBytes().add(PICKLE, EMPTY).add(PICKLE, EMPTY).end(),
                "two entries have the name archive/data.pkl");
    }

    @Test
    void overlappingEntries() throws IOException {
        // The second entry lies inside of the first one's data, and the other way round.
        byte[] inner = Arrays.copyOf(
                new ZipBytes().add("archive/data/1", new byte[8]).end().bytes(), 30 + 14 + 8);
        ZipBytes outer = new ZipBytes()
                .add(PICKLE, EMPTY)
                .add("archive/data/0", inner)
                .add("archive/data/1", new byte[8])
                .end();
        outer.inDirectory(2, ZipBytes.HEADER_OFFSET, 30 + PICKLE.length() + EMPTY.length + 30 + 14);
        assertRefused(outer, "overlaps another or the directory");
        // Many names for one piece of data are what makes small archives huge.
        ZipBytes quoted = honest();
        quoted.inDirectory(1, ZipBytes.HEADER_OFFSET, 0);
        assertRefused(quoted, "has one name in the directory and another before its data");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "20 | 15          | has one size in the directory",
                "24 | 15          | has one size in the directory",
                "24 | -1          | its directory lacks a ZIP64 field",
                "42 | -1          | its directory lacks a ZIP64 field",
                "42 | 2147483647  | lies outside of the file",
                "42 | -2          | lies outside of the file",
                "42 | 7           | is not where the directory says",
                "10 | 8           | has one method in the directory",
                "10 | 12          | is compressed by the unknown method 12",
                "8  | 1           | is encrypted",
                "28 | 400         | its directory is broken",
                "28 | 0           | which is no path in an archive",
                "30 | 65535       | its directory is broken",
                "32 | 1           | its directory is broken",
                "34 | 1           | part of an archive of several files",
                "0  | 0           | its directory is broken",
            })
    void liesInTheDirectory(int field, int value, String reason) throws IOException {
        assertRefused(honest().inDirectory(1, field, value), reason);
    }

    @ParameterizedTest
    @CsvSource({"18, 15, size", "22, 17, size", "8, 8, method"})
    void liesBeforeTheData(int field, int value, String what) throws IOException {
        assertRefused(honest().inHeader(1, field, value), "has one " + what + " in the directory and another before");
        assertRefused(honest().inHeaderName(1, 3, 'x'), "has one name in the directory and another before");
    }

    /** Both places say that the data are longer than the file. */
    @Test
    void entriesLargerThanTheFile() throws IOException {
        for (int size : new int[] {17, 1 << 30, -2}) {
            ZipBytes zip = honest();
            for (int field : new int[] {ZipBytes.STORED_SIZE, ZipBytes.SIZE}) {
                zip.inDirectory(1, field, size).inHeader(1, field - 2, size);
            }
            assertRefused(zip, size == 17 ? "overlaps another or the directory" : "does not fit the file (truncated?)");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "8  | 1          | part of an archive of several files",
                "4  | 1          | part of an archive of several files",
                "12 | 1          | its directory is not where its end says",
                "12 | -2         | its directory is not where its end says",
                "16 | 0          | its directory is not where its end says",
                "16 | -1         | its directory is not where its end says",
                "20 | 9          | its end, where the directory should be, is missing",
            })
    void liesInTheEnd(int field, int value, String reason) throws IOException {
        assertRefused(honest().inEnd(field, value), reason);
    }

    @Test
    void wrongCounts() throws IOException {
        assertRefused(
                honest().inEnd(ZipBytes.COUNT, 3).inEnd(ZipBytes.TOTAL_COUNT, 3), "it claims 3 entries and has 2");
        assertRefused(
                honest().inEnd(ZipBytes.COUNT, 65535).inEnd(ZipBytes.TOTAL_COUNT, 65535), "it claims 65535 entries");
    }

    /** ZIP64's records are believed only where they agree with the others and lie where they must. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0  | 2                   | its ZIP64 record is broken",
                "24 | 3                   | its ZIP64 record is broken",
                "24 | 9223372036854775807 | it claims 9223372036854775807 entries",
                "40 | 1                   | its two end records differ",
                "48 | 1                   | its two end records differ",
                "64 | 3                   | its ZIP64 record is not where its locator says",
                "64 | -1                  | its ZIP64 record is not where its locator says",
            })
    void liesInZip64Records(int field, long value, String reason) throws IOException {
        byte[] good = honest().bytes();
        int end = good.length - 22;
        ByteBuffer end32 = ByteBuffer.wrap(good, end, 22).slice().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer zip64 = ByteBuffer.allocate(56 + 20).order(ByteOrder.LITTLE_ENDIAN);
        zip64.putInt(0x06064b50).putLong(44).position(24);
        zip64.putLong(2).putLong(2).putLong(end32.getInt(12)).putLong(end32.getInt(16));
        zip64.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(good, 0, end);
        file.writeBytes(zip64.array());
        file.write(good, end, 22);
        try (TensorFile honest = TensorFile.open(Files.write(folder.resolve("good.pt"), file.toByteArray()))) {
            assertThat(honest.entries()).hasSize(1);
        }

        if (value == Long.MAX_VALUE) {
            zip64.putLong(32, value);
            good[end + 8] = good[end + 9] = good[end + 10] = good[end + 11] = (byte) 0xff;
        }
        zip64.putLong(field, value);
        file.reset();
        file.write(good, 0, end);
        file.writeBytes(zip64.array());
        file.write(good, end, 22);
        Refusal.assertRefused(folder.resolve("evil.pt"), file.toByteArray(), reason);
    }

    @Test
    void pickleBombs() throws IOException {
        // A gigabyte of zeros in a megabyte, honestly claimed, and claimed to be small.
        byte[] bomb = zeros(1 << 30);
        assertRefused(
                new ZipBytes().add(PICKLE, bomb, 8, 1 << 30).end(),
                "its archive/data.pkl claims 1073741824 bytes, allowed are 16777216");
        assertRefused(new ZipBytes().add(PICKLE, bomb, 8, 1 << 24).end(), "is not a pickle");
        // 16 MB that are allowed, full of dictionaries.
        byte[] dictionaries = PickleBytes.of(PickleBytes.protocol(2).repeat((1 << 24) - 3, '}'));
        assertRefused(new ZipBytes().addDeflated(PICKLE, dictionaries).end(), "its objects take more than 64 MB");
        // Less than is claimed, and nothing that can be decompressed.
        assertRefused(
                new ZipBytes()
                        .add(PICKLE, ZipBytes.deflate(new byte[] {(byte) 0x80, 2}), 8, 100)
                        .end(),
                "it ends in the middle");
        assertRefused(
                new ZipBytes().add(PICKLE, new byte[] {-1, -1, -1}, 8, 100).end(), "invalid block type");
    }

    private static byte[] zeros(int count) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] megabyte = new byte[1 << 20];
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, new Deflater(1, true))) {
            for (int i = 0; i < count >> 20; i++) {
                out.write(megabyte);
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void archivesOfSomethingElse() throws IOException {
        assertRefused(new ZipBytes().add("x.npy", EMPTY).end(), "it is a zip archive with no data.pkl in a folder");
        assertRefused(new ZipBytes().add("data.pkl", EMPTY).end(), "no data.pkl in a folder");
        assertRefused(
                new ZipBytes().add("a/data.pkl", EMPTY).add("b/data.pkl", EMPTY).end(), "more than one data.pkl");
        assertRefused(
                new ZipBytes()
                        .add(PICKLE, EMPTY)
                        .add("archive/constants.pkl", EMPTY)
                        .end(),
                "it is a TorchScript program");
        assertRefused(
                new ZipBytes()
                        .add(PICKLE, EMPTY)
                        .add("archive/byteorder", ascii("big"))
                        .end(),
                "its numbers are big-endian, only little is read");
    }

    @Test
    void storagesThatAreNotAsDescribed() throws IOException {
        assertRefused(new ZipBytes().add(PICKLE, ONE_TENSOR).end(), "it has no entry archive/data/0");
        assertRefused(
                new ZipBytes()
                        .add(PICKLE, ONE_TENSOR)
                        .add("archive/data/0", new byte[15])
                        .end(),
                "storage archive/data/0 has 15 bytes, its description says 16");
        assertRefused(
                new ZipBytes()
                        .add(PICKLE, ONE_TENSOR)
                        .addDeflated("archive/data/0", new byte[16])
                        .end(),
                "storage archive/data/0 is compressed");
    }

    @ParameterizedTest
    @CsvSource({
        "4, 0, 5, 1",
        "4, 1, 4, 1",
        "4, 0, 2, 4",
        "4, 5, 1, 1",
        "4, 9223372036854775807, 1, 1",
        "4, 0, 4611686018427387904, 0",
        "4, 0, 9223372036854775807, 9223372036854775807",
        "4, 0, 2, 9223372036854775807",
    })
    void tensorsOutsideOfTheirStorage(long numel, long offset, long size, long stride) throws IOException {
        byte[] pickle = PickleBytes.of(
                PickleBytes.protocol(2).tensor("0", numel, offset, new long[] {size}, new long[] {stride}));
        assertRefused(
                new ZipBytes()
                        .add(PICKLE, pickle)
                        .add("archive/data/0", new byte[16])
                        .end(),
                "it has a tensor with sizes [" + size + "]");
    }

    @Test
    void negativeSizesAndTooManyDimensions() throws IOException {
        for (long[] sizes : new long[][] {{-1}, {2, -2}}) {
            assertRefusedTensor(PickleBytes.protocol(2).tensor("0", 4, 0, sizes, sizes), "is not a natural number");
        }
        assertRefusedTensor(
                PickleBytes.protocol(2).tensor("0", 4, -1, new long[] {1}, new long[] {1}), "it has a tensor with");
        assertRefusedTensor(
                PickleBytes.protocol(2).tensor("0", 4, 0, new long[65], new long[65]), "gets 65 dimensions");
        assertRefusedTensor(
                PickleBytes.protocol(2).tensor("0", 4, 0, new long[2], new long[1]),
                "it has a tensor with sizes [0, 0]");
        assertRefusedTensor(
                PickleBytes.protocol(2).tensor("0", -1, 0, new long[1], new long[1]), "it claims a storage of -1");
        assertRefusedTensor(
                PickleBytes.protocol(2).tensor("0", 1L << 62, 0, new long[1], new long[1]), "it claims a storage of");
    }

    /** A stride of 0 shows one element as often as it likes. */
    @Test
    void oneNumberExpandedToTerabytes() throws IOException {
        assertRefusedTensor(
                PickleBytes.protocol(2).tensor("0", 4, 0, new long[] {1L << 40}, new long[] {0}),
                "its tensors claim 4398046511104 bytes, the file has");
        PickleBytes many = PickleBytes.protocol(2).op(']', '(');
        for (int i = 0; i < 100; i++) {
            many.tensor("0", 4, 0, new long[] {1 << 20}, new long[] {0});
        }
        assertRefusedTensor(many.op('e'), "its tensors claim 419430400 bytes, the file has");
    }

    @Test
    void oneStorageOfTwoSizes() throws IOException {
        PickleBytes two = PickleBytes.protocol(2)
                .op(']')
                .tensor("0", 4, 0, new long[] {1}, new long[] {1})
                .op('a')
                .tensor("0", 5, 0, new long[] {1}, new long[] {1})
                .op('a');
        assertRefusedTensor(two, "it gives storage 0 two sizes");
    }

    private void assertRefusedTensor(PickleBytes pickle, String reason) throws IOException {
        assertRefused(
                new ZipBytes()
                        .add(PICKLE, PickleBytes.of(pickle))
                        .add("archive/data/0", new byte[16])
                        .end(),
                reason);
    }

    private static ZipBytes honest() {
        return new ZipBytes()
                .add(PICKLE, ONE_TENSOR)
                .add("archive/data/0", new byte[16])
                .end();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void assertRefused(ZipBytes zip, String reason) throws IOException {
        Refusal.assertRefused(folder.resolve("evil.pt"), zip.bytes(), reason);
    }
}
