package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PyTorch's own files cut off and damaged, and the legacy format by hand. */
class DamagedTorchFileTest {
    private static final Path FOLDER = Path.of("src/test/resources/torch");
    private static final byte[] MAGIC = PickleBytes.of(
            PickleBytes.protocol(2).op(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19));
    private static final byte[] VERSION = PickleBytes.of(PickleBytes.protocol(2).integer(1001));
    private static final byte[] MACHINE = machine(0x88);
    private static final byte[] ONE_TENSOR =
            PickleBytes.of(PickleBytes.protocol(2).tensor("k", 2, 0, new long[] {2}, new long[] {1}));

    @TempDir
    private Path folder;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    private static byte[] machine(int littleEndian) {
        return PickleBytes.of(
                PickleBytes.protocol(2).op('}').text("little_endian").op(littleEndian, 's'));
    }

    /** Wherever a file ends too early, it is refused. */
    @ParameterizedTest
    @ValueSource(strings = {"training.pt", "everything-2.15-legacy.pt"})
    void everyTruncationIsNoticed(String name) throws IOException {
        byte[] whole = Files.readAllBytes(FOLDER.resolve(name));
        for (int length = 0; length < whole.length; length += length < whole.length - 200 ? 7 : 1) {
            Refusal.assertRefused(folder.resolve(name), Arrays.copyOf(whole, length), "is not a usable ");
        }
    }

    /** A changed byte either is noticed or changes a number or a name; nothing else happens. */
    @ParameterizedTest
    @ValueSource(strings = {"training.pt", "everything-1.13-legacy.pt", "bare.safetensors"})
    void damagedFilesDoNoHarm(String name) throws IOException {
        byte[] bytes = Files.readAllBytes(FOLDER.resolve(name));
        SplittableRandom random = new SplittableRandom(1);
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] damaged = bytes.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(folder.resolve("damaged"), damaged);
            try (TensorFile open = TensorFile.open(file);
                    Scope scope = Scope.open()) {
                for (TensorEntry entry : open.entries()) {
                    Tensor tensor = open.get(entry.name());
                    assertThat(tensor.numel()).isEqualTo(entry.numel());
                    open.sha256(entry.name());
                }
            } catch (IOException e) {
                refused++;
                assertThat(e.getMessage()).startsWith(file.toString()).hasLineCount(1);
            }
        }
        assertThat(refused).as("refused").isBetween(150, 999);
    }

    /** The archive has a checksum of each entry, and a number has nothing else that would tell. */
    @Test
    void changedNumbersAreNoticedByTheChecksumOfTheArchive() throws IOException {
        byte[] bytes = Files.readAllBytes(FOLDER.resolve("training.pt"));
        Path file = folder.resolve("training.pt");
        bytes[(int) firstStorage(FOLDER.resolve("training.pt"))] ^= 1;
        Files.write(file, bytes);
        try (TensorFile open = TensorFile.open(file)) {
            assertThat(open.hasChecksums()).isTrue();
            for (Verification verification : List.<Verification>of(TensorFile::verify, TensorFile::verified)) {
                assertThatIOException()
                        .isThrownBy(() -> verification.of(open))
                        .withMessageMatching("\\Q" + file + "\\E is not a usable PyTorch file: entry .*/data/\\d+ is"
                                + " damaged: its checksum is wrong");
            }
        }
    }

    private interface Verification {
        void of(TensorFile file) throws IOException;
    }

    private static long firstStorage(Path archive) throws IOException {
        try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.READ)) {
            return ZipDirectory.read(new FileBytes(channel)).values().stream()
                    .filter(entry -> entry.name().endsWith("/data/0"))
                    .findFirst()
                    .orElseThrow()
                    .data()
                    .begin();
        }
    }

    /** Using what is no longer there would end the process. */
    @ParameterizedTest
    @ValueSource(strings = {"training.pt", "everything-1.13-legacy.pt", "bare.safetensors"})
    void aFileThatIsCutOffAfterItWasOpenedIsNamed(String name) throws IOException {
        Path file = Files.copy(FOLDER.resolve(name), folder.resolve(name));
        try (TensorFile open = TensorFile.open(file);
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(16);
            List<String> names = open.entries().stream()
                    .filter(e -> e.numel() > 0)
                    .map(TensorEntry::name)
                    .toList();
            assertThat(names).isNotEmpty();
            for (String tensor : names) {
                assertThatThrownBy(() -> open.get(tensor))
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining(file + " was cut off after it was opened: it has 16 bytes, ");
            }
        }
    }

    @Test
    void partsOfStoragesAreRead() throws IOException {
        // Before PyTorch 0.4, a storage could be the part of another from element 1 on, two elements long.
        byte[] part = PickleBytes.of(PickleBytes.protocol(2)
                .global("torch._utils", "_rebuild_tensor")
                .op('(', '(')
                .text("storage")
                .global("torch", "FloatStorage")
                .text("k")
                .text("cpu")
                .integer(4)
                .op('(')
                .text("part")
                .integer(1)
                .integer(2)
                .ops("ttQ")
                .integer(1)
                .integers(1)
                .integers(1)
                .ops("tR"));
        ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putLong(4);
        data.putFloat(0).putFloat(10).putFloat(20).putFloat(30);
        Path file =
                Files.write(folder.resolve("part.pt"), legacy(MAGIC, VERSION, MACHINE, part, keys("k"), data.array()));

        try (TensorFile open = TensorFile.open(file);
                Scope scope = Scope.open()) {
            assertThat(open.get("tensor").item_float()).isEqualTo(20);
        }
    }

    @Test
    void legacyFilesThatAreNone() throws IOException {
        assertRefused("it is a pickle, but not one of PyTorch", VERSION);
        assertRefused(
                "it is a pickle, but not one of PyTorch",
                PickleBytes.of(PickleBytes.protocol(2).ops("}")));
        assertRefused(
                "it has another version than 1001",
                MAGIC,
                PickleBytes.of(PickleBytes.protocol(2).integer(1002)));
        assertRefused("its numbers are not little-endian", MAGIC, VERSION, machine(0x89));
        assertRefused("its numbers are not little-endian", MAGIC, VERSION, VERSION);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2                   | k   | 7 | it ends before the 8 bytes of storage k (truncated?)",
                "3                   | k   | 8 | storage k has 3 elements, its description says 2",
                "-1                  | k   | 8 | storage k has -1 elements, its description says 2",
                "9223372036854775807 | k   | 8 | storage k has 9223372036854775807 elements",
                "2                   | x   | 8 | names one that its object does not have",
                "2                   | k k | 8 | its list of storages does not fit its object",
                "2                   | ''  | 8 | its list of storages does not fit its object",
            })
    void legacyStoragesThatAreNotAsDescribed(long count, String keys, int bytes, String reason) throws IOException {
        ByteBuffer data =
                ByteBuffer.allocate(8 + bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(count);
        byte[] list = keys(keys.isEmpty() ? new String[0] : keys.split(" "));
        assertRefused(reason, MAGIC, VERSION, MACHINE, ONE_TENSOR, list, data.array());
    }

    @Test
    void aKeyTwice() throws IOException {
        byte[] two = PickleBytes.of(PickleBytes.protocol(2)
                .op(']')
                .tensor("k", 1, 0, new long[] {1}, new long[] {1})
                .op('a')
                .tensor("l", 1, 0, new long[] {1}, new long[] {1})
                .op('a'));
        byte[] data = ByteBuffer.allocate(24)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(1)
                .putInt(0)
                .putLong(1)
                .array();
        assertRefused("its list of storages names k twice", MAGIC, VERSION, MACHINE, two, keys("k", "k"), data);
    }

    @Test
    void codeIsRefusedInEveryPickleOfALegacyFile() throws IOException {
        byte[] evil = PickleBytes.of(PickleBytes.protocol(2)
                .global("posix", "system")
                .text("touch x")
                .op(0x85, 'R'));
        String reason = "it asks for posix.system";
        assertRefused(reason, evil);
        assertRefused(reason, MAGIC, evil);
        assertRefused(reason, MAGIC, VERSION, evil);
        assertRefused(reason, MAGIC, VERSION, MACHINE, evil);
        assertRefused(reason, MAGIC, VERSION, MACHINE, ONE_TENSOR, evil);
    }

    @Test
    void theTarFormatIsRefusedByName() throws IOException {
        byte[] tar = new byte[1024];
        byte[] magic = "ustar".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy("sys_info".getBytes(StandardCharsets.US_ASCII), 0, tar, 0, 8);
        System.arraycopy(magic, 0, tar, 257, magic.length);
        Refusal.assertRefused(folder.resolve("old.pt"), tar, "is in the tar format of PyTorch before 0.2");
    }

    private static byte[] keys(String... keys) {
        PickleBytes list = PickleBytes.protocol(2).op(']', '(');
        for (String key : keys) {
            list.text(key);
        }
        return PickleBytes.of(list.op('e'));
    }

    private static byte[] legacy(byte[]... parts) {
        PickleBytes all = new PickleBytes();
        for (byte[] part : parts) {
            all.raw(part);
        }
        return all.bytes();
    }

    private void assertRefused(String reason, byte[]... parts) throws IOException {
        Refusal.assertRefused(folder.resolve("evil.pt"), legacy(parts), reason);
    }
}
