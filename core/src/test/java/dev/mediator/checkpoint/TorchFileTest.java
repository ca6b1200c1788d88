package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.pickle.Namespace;
import dev.mediator.checkpoint.pickle.NumpyArray;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch wrote; {@code torch/README.md} among the resources tells how. */
@SuppressWarnings("NullAway") // a value that is missing fails the test
class TorchFileTest {
    private static final Path FOLDER = Path.of("src/test/resources/torch");

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

    @ParameterizedTest
    @CsvSource({
        "everything-1.4-zip, everything",
        "everything-1.4-legacy, everything",
        "everything-1.6-zip, everything",
        "everything-1.6-legacy, everything",
        "everything-1.13-zip, everything",
        "everything-1.13-legacy, everything",
        "everything-2.15-zip, everything",
        "everything-2.15-legacy, everything",
        "everything-2.15-protocol3, everything",
        "everything-2.15-protocol4, everything",
        "everything-2.15-protocol5, everything",
        "training, training",
        "bare, bare",
        "wrapped, wrapped",
        "tensor, tensor",
    })
    void tensorsOfEveryVersionAreBitEqual(String name, String expectation) throws IOException {
        try (TorchFile file = open(name);
                SafeTensors expected = SafeTensors.open(FOLDER.resolve(expectation + ".safetensors"))) {
            for (TensorEntry entry : expected.entries()) {
                String found = entry.name().isEmpty() ? "tensor" : entry.name();
                assertThat(DType.of(file.get(found))).as(found).isEqualTo(entry.dtype());
                assertThat(Shapes.of(file.get(found))).as(found).containsExactly(entry.sizes());
                assertThat(file.sha256(found)).as(found).isEqualTo(expected.sha256(entry.name()));
            }
            assertThat(file.entries()).hasSameSizeAs(expected.entries());
            assertThat(file.format().toString()).isEqualTo(name.endsWith("legacy") ? "PyTorch legacy" : "PyTorch zip");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "everything-1.4-zip",
                "everything-1.4-legacy",
                "everything-1.13-zip",
                "everything-2.15-zip",
                "everything-2.15-legacy",
                "everything-2.15-protocol3",
                "everything-2.15-protocol4",
                "everything-2.15-protocol5"
            })
    void otherValuesBecomePlainJava(String name) throws IOException {
        try (TorchFile file = open(name)) {
            Map<?, ?> values = at(file.root(), "values");

            Map<?, ?> args = ((Namespace) values.get("args")).attributes();
            assertThat(args.toString())
                    .isEqualTo("{model=SiT-S/2, lr=1.0E-4, steps=400000, amp=false, resume=null, sizes=[1, 2]}");
            assertThat(((Namespace) values.get("simple")).attributes().get("x")).isEqualTo(1L);
            assertThat((List<?>) values.get("integers"))
                    .isEqualTo(List.of(
                            0L,
                            1L,
                            -1L,
                            255L,
                            256L,
                            65535L,
                            65536L,
                            -(1L << 31),
                            1L << 31,
                            Long.MAX_VALUE,
                            Long.MIN_VALUE,
                            BigInteger.TWO.pow(70)));
            assertThat(values.get("floats")).isEqualTo(List.of(0.1, -1e300, Double.POSITIVE_INFINITY));
            assertThat(values.get("flags")).isEqualTo(Arrays.asList(true, false, null));
            assertThat(values.get("text")).isEqualTo("Größe „α“ 🙂\n");
            assertThat(values.get("long_text")).isEqualTo("x".repeat(300));
            assertThat((byte[]) values.get("bytes")).containsExactly(0, 0xff, 0x80);
            assertThat((byte[]) values.get("no_bytes")).isEmpty();
            assertThat((byte[]) values.get("bytearray")).containsExactly('a', 'b');
            assertThat(values.get("set")).isEqualTo(Set.of(3L));
            assertThat(values.get("frozenset")).isEqualTo(Set.of(4L));
            assertThat(values.get("empties")).isEqualTo(List.of(List.of(), List.of(), Map.of()));
            assertThat(values.get("ordered")).hasToString("{z=1, a=2}");
            assertThat(values.get("default")).isEqualTo(Map.of("a", List.of(1L)));
            assertThat(values.get("counter")).isEqualTo(Map.of("a", 2L, "b", 1L));
            assertThat(values.get("size")).isEqualTo(List.of(2L, 3L));
            assertThat(((TorchDType) values.get("dtype")).dtype()).contains(DType.BF16);
            assertThat(values.get("device")).isEqualTo("cuda:1");
            assertThat(values.get("keys")).hasToString("{1=bool, null=none, 2.5=float, [1, a]=tuple}");
            assertThat(values.get("deep")).hasToString("[[[[{k=[1, [2, [3]]]}]]]]");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "everything-1.4-legacy",
                "everything-1.13-zip",
                "everything-2.15-zip",
                "everything-2.15-protocol5"
            })
    void numbersOfNumpyBecomeJavas(String name) throws IOException {
        try (TorchFile file = open(name)) {
            Map<?, ?> numpy = at(at(file.root(), "values"), "numpy");

            assertThat(numpy.get("f8")).isEqualTo(0.1);
            assertThat(numpy.get("f4")).isEqualTo((double) 0.1f);
            assertThat(numpy.get("f2")).isEqualTo(0.0999755859375);
            assertThat(numpy.get("i8")).isEqualTo(-5L);
            assertThat(numpy.get("u8")).isEqualTo(BigInteger.TWO.pow(64).subtract(BigInteger.ONE));
            assertThat(numpy.get("u1")).isEqualTo(200L);
            assertThat(numpy.get("b1")).isEqualTo(true);
            assertArray(numpy.get("array"), "f8", new long[] {2, 3}, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0);
            assertArray(numpy.get("columns"), "i2", new long[] {2, 3}, 0L, 1L, 2L, 3L, 4L, 5L);
            assertArray(numpy.get("big_endian"), ">i4", new long[] {2}, 1L, 2L);
            assertArray(numpy.get("random"), "u4", new long[] {3}, 0L, 1L, 1812433255L);
        }
    }

    private static void assertArray(Object value, String type, long[] shape, Object... elements) {
        NumpyArray array = (NumpyArray) value;
        assertThat(array.type()).isEqualTo(type);
        assertThat(array.shape()).isEqualTo(shape);
        assertThat(array.values()).containsExactly(elements);
    }

    @ParameterizedTest
    @ValueSource(strings = {"everything-2.15-zip", "everything-1.4-legacy", "everything-2.15-legacy"})
    void tensorsThatShareMemoryShareItHere(String name) throws IOException {
        try (TorchFile file = open(name)) {
            Tensor shared = file.get("shared.0");
            Tensor base = file.get("views.base");
            file.get("shared.1").zero_();
            file.get("views.transposed").fill_(new org.bytedeco.pytorch.Scalar(9));

            assertThat(Tensors.longs(shared)).containsExactly(0, 1, 2, 0, 0, 0, 0, 0, 0, 0);
            assertThat(Tensors.longs(file.get("shared.2"))).isEqualTo(Tensors.longs(shared));
            assertThat(Tensors.floats(base)).containsOnly(9);
            assertThat(Tensors.floats(file.get("views.one"))).containsExactly(9);
        }
    }

    @Test
    void stridesSurvive() throws IOException {
        try (TorchFile file = open("everything-2.15-zip")) {
            assertThat(file.get("views.transposed").strides().vec().get()).containsExactly(1, 6);
            assertThat(file.get("views.expanded").strides().vec().get()).containsExactly(1, 0);
            assertThat(file.get("views.channels_last").strides().vec().get()).containsExactly(12, 1, 6, 3);
        }
    }

    @Test
    void writingToATensorDoesNotChangeTheFile() throws IOException {
        byte[] before = Files.readAllBytes(FOLDER.resolve("bare.pt"));
        try (TorchFile file = open("bare")) {
            file.get("fc.weight").zero_();
        }
        assertThat(Files.readAllBytes(FOLDER.resolve("bare.pt"))).isEqualTo(before);
    }

    @Test
    void tensorsOutliveTheFile() throws IOException {
        Tensor zip;
        Tensor legacy;
        try (TorchFile file = open("everything-2.15-zip");
                TorchFile old = open("everything-2.15-legacy")) {
            zip = file.get("views.base");
            legacy = old.get("views.base");
        }
        assertThat(Tensors.maxAbs(zip)).isEqualTo(23);
        assertThat(Tensors.maxAbs(legacy)).isEqualTo(23);
    }

    @Test
    void theWeightsOfATrainingAreFound() throws IOException {
        try (TorchFile file = open("training")) {
            TensorFile ema = file.weights(Weights.EMA);
            TensorFile model = file.weights(Weights.MODEL);

            assertThat(ema.entries())
                    .extracting(TensorEntry::name)
                    .containsExactly(
                            "fc.weight",
                            "fc.bias",
                            "norm.weight",
                            "norm.bias",
                            "norm.running_mean",
                            "norm.running_var",
                            "norm.num_batches_tracked");
            assertThat(Tensors.floats(ema.get("fc.weight").mul(new org.bytedeco.pytorch.Scalar(2))))
                    .isEqualTo(Tensors.floats(model.get("fc.weight")));
            assertThat(ema.contains("fc.bias")).isTrue();
            assertThat(ema.contains("ema.fc.bias")).isFalse();
            assertThat(file.contains("opt.state.0.exp_avg")).isTrue();
            assertThat(file.metadata())
                    .containsEntry("args.depth", "2")
                    .containsEntry("opt.param_groups.0.lr", "1.0E-4")
                    .containsEntry("opt.param_groups.0.params", "[0, 1, 2, 3]");
        }
    }

    @ParameterizedTest
    @CsvSource({"bare, fc.weight", "wrapped, module.fc.weight"})
    void theOnlyWeightsThereAreDoForBoth(String name, String first) throws IOException {
        try (TorchFile file = open(name)) {
            for (Weights weights : Weights.values()) {
                assertThat(file.weights(weights).entries())
                        .first()
                        .extracting(TensorEntry::name)
                        .isEqualTo(first);
            }
        }
    }

    @Test
    void withoutADictOfTensorsThereAreNoWeights() throws IOException {
        try (TorchFile file = open("everything-2.15-zip")) {
            assertThatThrownBy(() -> file.weights(Weights.EMA))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("has neither 'ema', 'model' nor 'state_dict'");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "complex | it has complex tensors, which are not supported",
                "quantised | it has quantised tensors, which are not supported; in Python: torch.save({k: v.dequantize()",
                "quantised-channel | it has quantised tensors",
                "sparse  | it has sparse tensors, which are not supported; in Python: torch.save({k: v.to_dense()",
                "sparse-csr | it has sparse tensors",
                "nested  | it has nested tensors",
                "meta    | it has tensors without numbers (of the device 'meta')",
                "script  | it is a TorchScript program, not a file of tensors; in Python: torch.save(torch.jit.load(",
                "package | it is an archive of torch.package, which holds code beside tensors; in Python: torch.save(",
                "exported | it is a program of torch.export, not a file of tensors; in Python: torch.save(",
                "float8  | it has a tensor of torch.float8_e4m3fn, which is not supported",
                "uint16  | it has a tensor of torch.uint16, which is not supported",
            })
    void whatIsNotSupportedIsNamed(String name, String reason) {
        assertThatThrownBy(() -> open(name))
                .isInstanceOf(IOException.class)
                .message()
                .startsWith(FOLDER.resolve(name + ".pt") + " is not a usable PyTorch file: ")
                .contains(reason)
                .hasLineCount(1);
    }

    @Test
    void aFileIsRecognisedByItsContent() throws IOException {
        for (String name : List.of("bare", "everything-1.4-legacy")) {
            Path renamed = Files.createTempFile("renamed", ".safetensors");
            Files.write(renamed, Files.readAllBytes(FOLDER.resolve(name + ".pt")));
            try (TensorFile file = TensorFile.open(renamed)) {
                assertThat(file).isInstanceOf(TorchFile.class);
                assertThat(file.bytes()).isEqualTo(Files.size(renamed));
            }
            Files.delete(renamed);
        }
    }

    @Test
    void anUnknownNameIsAnError() throws IOException {
        try (TorchFile file = open("bare")) {
            assertThatThrownBy(() -> file.get("nothing"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bare.pt has no tensor 'nothing'");
        }
    }

    private static TorchFile open(String name) throws IOException {
        return TorchFile.open(FOLDER.resolve(name + ".pt"));
    }

    private static Map<?, ?> at(Object map, String key) {
        return (Map<?, ?>) ((Map<?, ?>) map).get(key);
    }
}
