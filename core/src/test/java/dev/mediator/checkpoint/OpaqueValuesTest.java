package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of classes that are not known here: they are shown and do not stand in the way of the weights. */
class OpaqueValuesTest {
    private static final Path FOLDER = Path.of("src/test/resources/torch");

    @TempDir
    private Path folder;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    /** Seventy kinds of values that trainings keep as {@code hyper_parameters}; {@code make_opaque.py} lists them. */
    @ParameterizedTest
    @ValueSource(strings = {"opaque-protocol2.pt", "opaque-protocol4.pt"})
    void weightsBesideThemAreRead(String name) throws IOException {
        try (TorchFile file = TorchFile.open(FOLDER.resolve(name));
                Scope scope = Scope.open()) {
            for (String weights : new String[] {"plain", "parameter", "attributed", "subclass", "buffer"}) {
                float[] numbers =
                        new float[(int) file.get("state_dict." + weights).numel()];
                file.get("state_dict." + weights).contiguous().data_ptr_float().get(numbers);
                for (int i = 0; i < numbers.length; i++) {
                    assertThat(numbers[i]).as(weights).isEqualTo(i);
                }
            }
            assertThat(file.contains("hyper_parameters.custom.weights.w")).isTrue();
            assertThat(file.contains("hyper_parameters.slots.b")).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "posix | pathlib.PosixPath(/, data, x)",
                "color | train.Color(1)",
                "delta | datetime.timedelta(0, 3, 0)",
                "defaults.a | 1",
                "nested.a.b | [1]",
                "conf.model.depth | 2",
                "conflist.1.a | 2",
                "dataclass.lr | 1.0E-4",
                "namedtuple | train.Point(1, 2)",
                "dict_subclass.extra | 2",
                "configdict._fields.a._fields.b | [1, 2]",
                "keyed.train.Color(1) | 1",
                "custom.me | train.Custom()",
                "bound | datetime.date.fromisoformat",
                "numpy.dates | M8[1] []",
                "module | torch.nn.modules.linear.Linear()",
            })
    void theyAreShown(String path, String text) throws IOException {
        try (TorchFile file = TorchFile.open(FOLDER.resolve("opaque-protocol2.pt"))) {
            assertThat(file.metadata()).containsEntry("hyper_parameters." + path, text);
        }
    }

    /** The same names as {@code state_dict()} would give them; what is not stored is left out. */
    @ParameterizedTest
    @CsvSource({"whole-module-legacy.pt, ''", "module-inside.pt, model."})
    void wholeModulesAreTheirTensors(String name, String prefix) throws IOException {
        try (TorchFile file = TorchFile.open(FOLDER.resolve(name))) {
            assertThat(file.entries())
                    .extracting(entry -> entry.name().substring(prefix.length()))
                    .containsExactly(
                            "fc.weight",
                            "fc.bias",
                            "norm.weight",
                            "norm.bias",
                            "norm.running_mean",
                            "norm.running_var",
                            "norm.num_batches_tracked");
        }
    }

    @Test
    void namesAreNeverResolved() throws IOException {
        PickleBytes pickle = PickleBytes.protocol(2)
                .op('}', '(')
                .text("call")
                .global("dev.mediator.checkpoint.OpaqueValuesTest", "fail")
                .text("x")
                .op(0x85, 'R')
                .text("class")
                .global("java.lang", "Runtime")
                .text("new")
                .global("train", "Thing")
                .ops(")\u0081")
                .ops("}b")
                .op('u');
        Path file = Files.write(folder.resolve("named.pt"), ZipBytes.torch(PickleBytes.of(pickle)));
        try (TorchFile open = TorchFile.open(file)) {
            assertThat(open.metadata())
                    .isEqualTo(Map.of(
                            "call",
                            "dev.mediator.checkpoint.OpaqueValuesTest.fail(x)",
                            "class",
                            "java.lang.Runtime",
                            "new",
                            "train.Thing()"));
        }
    }

    /** What contains itself or nests deep, and tensors of kinds that are not read, block nothing but themselves. */
    @ParameterizedTest
    @ValueSource(strings = {"beside.pt", "beside-legacy.pt"})
    void whatIsNotReadStandsInNobodysWay(String name) throws IOException {
        try (TorchFile file = TorchFile.open(FOLDER.resolve(name));
                Scope scope = Scope.open()) {
            assertThat(Tensors.floats(file.get("model.w"))).containsExactly(0, 1, 2, 3);
            assertThat(file.entries()).extracting(TensorEntry::name).containsExactly("model.w");
            assertThat(file.metadata())
                    .containsEntry("args.depth", "2")
                    .containsEntry("args.circle.0", "1")
                    .containsEntry("args.circle.1", "… (contains itself)")
                    .containsEntry("args.ring.self", "… (contains itself)")
                    .containsEntry("args.branches.2", "… (contains itself)")
                    .containsValue("… (nests deeper than 64)");
            assertThat(file.refused().keySet())
                    .containsExactlyInAnyOrder(
                            "model.scale",
                            "opt.float8",
                            "opt.uint16",
                            "opt.complex",
                            "opt.conjugated",
                            "opt.negated",
                            "opt.quantised",
                            "opt.sparse",
                            "opt.nested",
                            "opt.meta",
                            "opt.parameter");
            assertThat(file.metadata()).containsKeys(file.refused().keySet().toArray(String[]::new));
            for (String refused : file.refused().keySet()) {
                assertThatThrownBy(() -> file.get(refused))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("tensor '" + refused + "' cannot be read: it has ")
                        .hasMessageContaining("; in Python: torch.save({k: v");
            }
        }
    }
}
