package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pickles made to run code, to take all memory or to take forever, inside of well-formed PyTorch archives. */
class MaliciousPickleTest {
    private static final int MARK = '(';
    private static final int EMPTY_LIST = ']';
    private static final int EMPTY_DICT = '}';
    private static final int MEMOIZE = 0x94;
    private static final String DEEP = "… (nests deeper than 64)";

    @TempDir
    private Path folder;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @ParameterizedTest
    @CsvSource({
        "os, system",
        "posix, system",
        "nt, system",
        "builtins, eval",
        "builtins, exec",
        "__builtin__, eval",
        "subprocess, Popen",
        "torch, load",
        "torch.storage, _load_from_bytes",
        "numpy.testing._private.utils, runstring",
        "builtins, __import__",
        "importlib, import_module",
        "runpy, run_path",
    })
    void whateverItNamesIsRefusedByItsName(String module, String name) throws IOException {
        String reason = "it asks for " + module + "." + name + ", which a file of tensors does not need";
        assertRefused(
                PickleBytes.protocol(2).global(module, name).text("touch x").op(0x85, 'R'), reason);
        assertRefused(
                PickleBytes.protocol(4)
                        .text(module)
                        .text(name)
                        .op(0x93)
                        .text("touch x")
                        .op(0x85, 'R'),
                reason);
    }

    /** The classic: protocol 0, whose {@code INST} imports and calls in one. */
    @Test
    void otherProtocolsAreRefused() throws IOException {
        for (String classic : List.of("cos\nsystem\n(S'touch x'\ntR.", "(S'touch x'\nios\nsystem\n.")) {
            assertRefusedPickle(classic.getBytes(StandardCharsets.ISO_8859_1), "it is not a pickle of protocol 2 to 5");
        }
        assertRefused(PickleBytes.protocol(6), "it is not a pickle of protocol 2 to 5");
        assertRefused(PickleBytes.protocol(1), "it is not a pickle of protocol 2 to 5");
    }

    @TestFactory
    List<DynamicTest> opcodesWithoutAPlaceInData() {
        List<DynamicTest> tests = new ArrayList<>();
        // INST, OBJ, PERSID, EXT1, EXT2, EXT4, NEXT_BUFFER, READONLY_BUFFER, STRING, LONG, unassigned.
        for (int opcode : new int[] {'i', 'o', 'P', 0x82, 0x83, 0x84, 0x97, 0x98, 'S', 'L', 0xff, 0}) {
            String shown = "opcode 0x%02x".formatted(opcode);
            tests.add(DynamicTest.dynamicTest(
                    shown, () -> assertRefused(PickleBytes.protocol(2).ops("N").op(opcode), shown + " at byte 3")));
        }
        return tests;
    }

    @Test
    void callingWhatIsNoFunction() throws IOException {
        assertRefused(PickleBytes.protocol(2).text("os.system").ops(")R"), "it calls a String");
        assertRefused(
                PickleBytes.protocol(2)
                        .global("builtins", "getattr")
                        .text("x")
                        .text("y")
                        .op(0x86, 'R'),
                "it asks for builtins.getattr of a String, which a file of tensors does not need");
        assertRefused(PickleBytes.protocol(2).global("torch", "Size").ops("NR"), "without a tuple of arguments");
        assertRefused(PickleBytes.protocol(2).ops("]}b"), "it sets attributes of a list");
    }

    /** What nests deep is left aside, not walked: it costs nothing and does not stand in the way of weights. */
    @ParameterizedTest
    @ValueSource(ints = {260, 1_000_000})
    void nestingWithoutEnd(int depth) throws IOException {
        assertShown(PickleBytes.protocol(2).repeat(depth, EMPTY_LIST).repeat(depth - 1, 'a'), DEEP);
        assertShown(PickleBytes.protocol(2).op(')').repeat(depth, 0x85), DEEP);
        assertShown(
                PickleBytes.protocol(2)
                        .repeat(depth / 4, EMPTY_DICT, 'N')
                        .op('N')
                        .repeat(depth / 4, 's'),
                depth > 300 ? DEEP : "None");
    }

    @Test
    void marksWithoutEnd() throws IOException {
        assertRefused(PickleBytes.protocol(2).repeat(1_000_000, MARK), "it nests deeper than 1000");
    }

    @Test
    void structuresThatContainThemselves() throws IOException {
        String endless = "… (contains itself)";
        assertShown(PickleBytes.protocol(2).ops("]q\0h\0a"), endless);
        assertShown(PickleBytes.protocol(2).ops("}q\0Nh\0s"), endless);
        assertShown(PickleBytes.protocol(2).ops("]q\0h\0\u0085a"), endless);
        assertShown(PickleBytes.protocol(2).ops("]q\0(h\0h\0e"), endless);
    }

    /** Each list holds the one before twice: 2⁶⁰ paths out of 300 bytes. */
    @Test
    void billionLaughs() throws IOException {
        PickleBytes laughs = PickleBytes.protocol(4).op(EMPTY_LIST, MEMOIZE);
        for (int i = 0; i < 60; i++) {
            laughs.op(EMPTY_LIST, MEMOIZE, MARK, 'h', i, 'h', i, 'e');
        }
        assertRefused(laughs, "it describes more than 262144 values");
    }

    /** Hashing it would visit 2⁶⁰ elements. */
    @Test
    void billionLaughsAsAKey() throws IOException {
        PickleBytes laughs = PickleBytes.protocol(4).op(EMPTY_DICT, 'N', MEMOIZE, '0');
        for (int i = 0; i < 60; i++) {
            laughs.op('h', i, 'h', i, 0x86, MEMOIZE, '0');
        }
        assertRefused(laughs.op('h', 60, 'N', 's'), "it has a dict or set with the key a tuple");
    }

    @Test
    void keysThatCannotBeKeys() throws IOException {
        assertRefused(PickleBytes.protocol(2).ops("}]Ns"), "with the key a list");
        assertRefused(PickleBytes.protocol(2).ops("}}Ns"), "with the key a dict");
        assertRefused(PickleBytes.protocol(4).op(0x8f, MARK, EMPTY_LIST, 0x90), "with the key a list");
        assertRefused(
                PickleBytes.protocol(2).op(EMPTY_DICT).text("x".repeat(4097)).ops("Ns"), "at most 4096 characters");
    }

    /** Two equal keys that are different objects are compared character by character, a million times. */
    @Test
    void keysThatTakeLongToCompare() throws IOException {
        String key = "x".repeat(4096);
        assertRefused(
                PickleBytes.protocol(2)
                        .text(key)
                        .ops("q\0")
                        .text(key)
                        .ops("q\1}")
                        .repeat(1_100_000, 'h', 0, 'N', 's', 'h', 1, 'N', 's'),
                "its objects take more than 64 MB");
    }

    @TestFactory
    List<DynamicTest> objectsWithoutEnd() {
        String budget = "its objects take more than 64 MB";
        int count = (16 << 20) - 100;
        List<DynamicTest> tests = new ArrayList<>();
        for (int[] opcodes : new int[][] {
            {EMPTY_DICT},
            {EMPTY_LIST},
            {')'},
            {'N'},
            {'K', 7},
            {'G', 1, 2, 3, 4, 5, 6, 7, 8},
            {'U', 0},
            {'C', 0},
            {EMPTY_DICT, 'N', 'N', 's'},
            {EMPTY_LIST, 'N', 'a'},
            {'N', 0x85},
            {'N', MEMOIZE},
            {0x8f, '0'},
            {EMPTY_DICT, '0'},
            {'U', 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, '0'},
            {0x8a, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, '0'},
        }) {
            PickleBytes pickle = PickleBytes.protocol(4).repeat(count / opcodes.length, opcodes);
            tests.add(DynamicTest.dynamicTest(
                    Arrays.toString(opcodes), () -> assertRefused(pickle, ""))); // whichever limit comes first
        }
        PickleBytes growing = PickleBytes.protocol(4).op(EMPTY_LIST).repeat(count / 2, 'N', 'a');
        tests.add(DynamicTest.dynamicTest("one list", () -> assertRefused(growing, budget)));
        return tests;
    }

    /** Functions that copy: a list of a thousand, made a set a hundred thousand times. */
    @Test
    void copiesWithoutEnd() throws IOException {
        String budget = "its objects take more than 64 MB";
        PickleBytes list = PickleBytes.protocol(2).op(EMPTY_LIST, MARK);
        for (int i = 0; i < 1000; i++) {
            list.integer(i);
        }
        list.ops("e\u0085q\0").global("builtins", "set").ops("q\1").repeat(100_000, 'h', 1, 'h', 0, 'R', '0');
        assertRefused(list, budget);
        assertRefused(
                PickleBytes.protocol(2)
                        .text("x".repeat(100_000))
                        .text("latin1")
                        .ops("\u0086q\0")
                        .global("_codecs", "encode")
                        .ops("q\1")
                        .repeat(100_000, 'h', 1, 'h', 0, 'R', '0'),
                budget);
    }

    @Test
    void memoNumbersWithoutEnd() throws IOException {
        assertRefused(PickleBytes.protocol(2).ops("Nr").i4(Integer.MAX_VALUE), "it remembers more than 1048576 values");
        assertRefused(PickleBytes.protocol(2).ops("Nr").i4(-1), "it remembers more than 1048576 values");
        assertRefused(PickleBytes.protocol(2).ops("j").i4(-1), "it refers to value 4294967295, which it never made");
        assertRefused(PickleBytes.protocol(2).ops("h\0"), "it refers to value 0, which it never made");
    }

    @Test
    void giganticClaims() throws IOException {
        assertRefused(PickleBytes.protocol(4).op(0x8d).i8(1L << 60), "it claims 1152921504606846976 bytes where");
        assertRefused(PickleBytes.protocol(4).op(0x8e).i8(-1), "it claims 18446744073709551615 bytes where");
        assertRefused(PickleBytes.protocol(5).op(0x96).i8(1L << 40), "it claims 1099511627776 bytes where");
        assertRefused(PickleBytes.protocol(2).op('X').i4(-1), "it claims 4294967295 bytes where there are only 1");
        assertRefused(PickleBytes.protocol(3).op('B').i4(Integer.MAX_VALUE), "it claims 2147483647 bytes where");
        assertRefused(PickleBytes.protocol(4).op(0x95).i8(1L << 62), "it claims 4611686018427387904 bytes where");
        assertRefused(PickleBytes.protocol(2).op(0x8a, 255), "it has an integer of 255 bytes, allowed are 32");
        assertRefused(PickleBytes.protocol(2).op(0x8b).i4(Integer.MAX_VALUE), "opcode 0x8b");
    }

    @Test
    void stacksThatAreEmpty() throws IOException {
        String never = "it takes a value that it never made";
        for (String opcodes : List.of("", "0", "a", "s", "R", "b", "Q", "\u0085", "(0", "(.", "]((a", "N(\u0086")) {
            assertRefused(PickleBytes.protocol(2).ops(opcodes), never);
        }
        for (String opcodes : List.of("t", "e", "u", "1", "\u0090", "\u0091")) {
            assertRefused(PickleBytes.protocol(2).ops(opcodes), "it closes a container that it never opened");
        }
        assertRefusedPickle(PickleBytes.protocol(2).ops("N").bytes(), "it ends in the middle");
        assertRefusedPickle(new byte[0], "it ends in the middle");
    }

    @Test
    void containersOfAnotherKind() throws IOException {
        assertRefused(PickleBytes.protocol(2).ops("}Na"), "it appends to a dict");
        assertRefused(PickleBytes.protocol(2).ops(")Na"), "it appends to a tuple");
        assertRefused(PickleBytes.protocol(2).ops("]NNs"), "it sets items of a list");
        assertRefused(PickleBytes.protocol(4).op('N', MARK, 0x90), "it adds to None");
        assertRefused(PickleBytes.protocol(2).ops("}(Nu"), "a key without a value");
    }

    @Test
    void namesInMessagesAreHarmless() throws IOException {
        assertRefused(
                PickleBytes.protocol(4)
                        .text("os.\u001b[31ms\u202e")
                        .text("x".repeat(500))
                        .op(0x93),
                "it asks for os.?[31ms?." + "x".repeat(109) + "…");
        assertRefused(PickleBytes.protocol(2).ops("c" + "x".repeat(2000)), "longer than 1000 characters");
        assertRefused(PickleBytes.protocol(2).ops("U\2\u00c3("), "text that is not UTF-8");
    }

    /** It is read within the limits, and this is among its values. */
    private void assertShown(PickleBytes pickle, String value) throws IOException {
        Path file = Files.write(folder.resolve("shown.pt"), ZipBytes.torch(PickleBytes.of(pickle)));
        ReadingLimits.read(TensorReading.class, file);
        try (TorchFile open = TorchFile.open(file)) {
            assertThat(open.metadata().values()).contains(value);
        }
    }

    private void assertRefused(PickleBytes pickle, String reason) throws IOException {
        assertRefusedPickle(PickleBytes.of(pickle), reason);
    }

    private void assertRefusedPickle(byte[] pickle, String reason) throws IOException {
        Refusal.assertRefused(folder.resolve("evil.pt"), ZipBytes.torch(pickle), reason);
    }
}
