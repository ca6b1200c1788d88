package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.checkpoint.Weights;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the weights are in a file: trained ones are ones here, averages are twos. */
class WeightSetsTest {
    private static final List<String> NAMES = List.of(
            "pos_embed",
            "x_embedder.proj.weight",
            "x_embedder.proj.bias",
            "blocks.0.attn.qkv.weight",
            "final_layer.linear.bias");

    @TempDir
    private Path folder;

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @ParameterizedTest
    @CsvSource({
        "model., ema_model.",
        "state_dict.model., state_dict.ema_model.",
        "state_dict.model., state_dict.model_ema.",
        "state_dict.net., callbacks.EMACallback.ema_weights.",
        "state_dict.denoiser., state_dict.ema_denoiser.",
        "params., params_ema.",
        "state_dict., state_dict_ema.",
        "state_dict.module., ema_state_dict.module.",
        "generator., generator_ema.",
        "model._orig_mod., ema._orig_mod.module.",
        "ema.online_model., ema.ema_model.",
        "model.module., averaged_model.module.",
        "network., shadow.",
        "model.diffusion_model., modelEma.",
    })
    void averagesAreToldByTheirName(String trained, String average) throws IOException {
        put(trained, 1);
        put(average, 2);
        Path file = write();
        assertThat(value(file, Weights.EMA)).isEqualTo(2);
        assertThat(value(file, Weights.MODEL)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "module.",
                "network.",
                "generator.",
                "_orig_mod.",
                "state_dict.model.diffusion_model.",
                "net.denoiser.",
                "a.prefix.nobody.foresaw.",
                "_fsdp_wrapped_module.",
                "state_dict.module._orig_mod."
            })
    void whatEverIsBeforeTheNamesIsTakenOff(String prefix) throws IOException {
        put(prefix, 1);
        put("optimizer.exp_avg.", 3);
        assertThat(value(write(), Weights.EMA)).isEqualTo(1);
        assertThat(value(write(), Weights.MODEL)).isEqualTo(1);
    }

    @Test
    void wrappersInTheMiddleOfNamesGo() throws IOException {
        for (String name : NAMES) {
            put(
                    "model." + name.replace("blocks.0.", "blocks.0._checkpoint_wrapped_module._fsdp_wrapped_module."),
                    name,
                    1);
            put("ema." + name.replace("x_embedder.", "x_embedder._fsdp_wrapped_module."), name, 2);
        }
        assertThat(value(write(), Weights.MODEL)).isEqualTo(1);
        assertThat(value(write(), Weights.EMA)).isEqualTo(2);
    }

    /** torch.optim.swa_utils.AveragedModel. */
    @Test
    void countersTellAveragedModels() throws IOException {
        put("a.", 1);
        put("b.module.", 2);
        tensors.put("b.n_averaged", Tensors.zeros(DType.I64));
        assertThat(value(write(), Weights.EMA)).isEqualTo(2);
    }

    @Test
    void listsOfParametersGetTheirNames() throws IOException {
        put("state_dict.model.", 1);
        for (int i = 1; i < NAMES.size(); i++) {
            put("ema.shadow_params." + (i - 1), NAMES.get(i), 2);
        }
        assertThat(value(write(), Weights.EMA)).isEqualTo(2);
        tensors.put("ema.shadow_params.0", Tensors.zeros(DType.F32, 7));
        Path other = write();
        assertThatThrownBy(() -> value(other, Weights.EMA))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has an average that does not fit the network's tensors, in 'ema' (4 tensors)")
                .hasMessageContaining("--weights model takes 'state_dict.model' (5 tensors)");
        assertThat(value(other, Weights.MODEL)).isEqualTo(1);
    }

    /** Latent diffusion's LitEma. */
    @Test
    void namesWithoutDotsGetThem() throws IOException {
        put("state_dict.model.diffusion_model.", 1);
        for (String name : NAMES.subList(1, NAMES.size())) {
            put("state_dict.model_ema.diffusion_model" + name.replace(".", ""), name, 2);
        }
        assertThat(value(write(), Weights.EMA)).isEqualTo(2);
        assertThat(value(write(), Weights.MODEL)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'', _ema",
        "'', .ema",
        "model., _ema",
        "state_dict.net., _avg",
        "module., _swa",
    })
    void suffixesTellAverages(String prefix, String suffix) throws IOException {
        put(prefix, 1);
        for (String name : NAMES) {
            put(prefix + name + suffix, name, 2);
        }
        assertThat(value(write(), Weights.EMA)).isEqualTo(2);
        assertThat(value(write(), Weights.MODEL)).isEqualTo(1);
        tensors.remove(prefix + "pos_embed" + suffix); // is not learnt
        assertThat(value(write(), Weights.EMA)).isEqualTo(2);
    }

    @Test
    void averagesWithinNamesAreRefusedWithWhatIsThere() throws IOException {
        put("", 1);
        for (String name : NAMES.subList(1, NAMES.size())) {
            put(name.replaceFirst("([a-z]+)$", "ema_$1"), name, 2);
        }
        assertRefused(write(), Weights.EMA, "has an average that does not fit the network's tensors");
        assertThat(value(write(), Weights.MODEL)).isEqualTo(1);
    }

    @Test
    void whatIsNotThereIsRefusedWithWhatIs() throws IOException {
        put("model.", 1);
        Path trained = write();
        assertRefused(
                trained, Weights.EMA, "has no 'ema' weights, only 'model' (5 tensors); --weights model takes those");
        tensors.clear();
        put("params_ema.", 2);
        assertRefused(write(), Weights.MODEL, "has no 'model' weights, only 'params_ema' (5 tensors); --weights ema");
    }

    @Test
    void severalAreNamedAndOneIsTakenByItsKey() throws IOException {
        put("first.net.", 1);
        put("second.net.", 2);
        Path file = write();
        assertRefused(
                file,
                Weights.EMA,
                "has 2 sets of weights and none is named as an average: 'first.net' (5 tensors), 'second.net' (5 tensors);"
                        + " --weights-key KEY takes one of them");
        assertThat(value(file, Weights.EMA.at("second", ""))).isEqualTo(2);
        assertThat(value(file, Weights.EMA.at("first.net", ""))).isEqualTo(1);
        assertRefused(
                file, Weights.EMA.at("third", ""), "has no tensors under --weights-key 'third'; found are 'first'");
    }

    @Test
    void prefixesWithoutADotAreTakenOffOnDemand() throws IOException {
        put("student_", 1);
        Path file = write();
        assertRefused(
                file,
                Weights.EMA,
                "it has no tensor 'x_embedder.proj.weight'; found are 'student_pos_embed' (1 tensors, 0 with names of such a");
        assertThat(value(file, Weights.EMA.at("", "student_"))).isEqualTo(1);
    }

    /** A file of the float8 weights of an average, and of trained weights: the average must not be passed over. */
    @Test
    void weightsOfAKindThatIsNotReadAreRefusedByName() throws IOException {
        Path file = Path.of("src/test/resources/torch/float8-average.pt");
        assertRefused(
                file,
                Weights.EMA,
                "tensor 'ema.x_embedder.proj.weight' of the network cannot be read: it has a tensor of torch.float8_e4m3fn");
        try (TensorFile open = TensorFile.open(file)) {
            assertThat(WeightSets.choose(open, Weights.MODEL).entries()).hasSize(2);
            assertThat(WeightSets.any(open).entries()).hasSize(2);
        }
    }

    private static void assertRefused(Path file, Weights weights, String message) {
        assertThatThrownBy(() -> value(file, weights))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    /** The number that all tensors of the network consist of, except for positions, which are not averaged. */
    private static int value(Path path, Weights weights) throws IOException {
        try (TensorFile file = TensorFile.open(path);
                Scope scope = Scope.open()) {
            TensorFile network = WeightSets.choose(file, weights);
            assertThat(network.all()).containsOnlyKeys(NAMES);
            int value = network.get(NAMES.get(1)).sum().item_int();
            for (String name : NAMES.subList(1, NAMES.size())) {
                int size = NAMES.indexOf(name) + 1;
                assertThat(network.get(name).sum().item_int()).isEqualTo(value / 2 * size);
            }
            return value / 2;
        }
    }

    private void put(String prefix, int value) {
        NAMES.forEach(name -> put(prefix + name, name, value));
    }

    private void put(String fullName, String name, int value) {
        try (Scope scope = Scope.open()) {
            tensors.put(
                    fullName,
                    scope.release(Tensors.zeros(DType.F32, NAMES.indexOf(name) + 1)
                            .fill_(new org.bytedeco.pytorch.Scalar(value))));
        }
    }

    private Path write() throws IOException {
        Path file = Files.createTempFile(folder, "weights", ".safetensors");
        SafeTensorsWriter.write(file, tensors, Map.of());
        return file;
    }
}
