package dev.mediator.app.selftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.app.selftest.SelfTestReport.FileReport;
import dev.mediator.app.selftest.SelfTestReport.Status;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelfTestTest {
    @TempDir
    private Path folder;

    /** Such small tensors are faster on one thread, and a busy machine does not make it wait for the others. */
    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    @AfterAll
    static void allThreads() {
        Engine.start(Engine.physicalCores());
    }

    @Test
    void theBuiltInFilesAgree() throws IOException {
        List<String> heard = new ArrayList<>();
        SelfTestReport report = SelfTest.runBuiltIn(ComputeDevice.CPU, file -> heard.add(file.file()));

        assertThat(report.files()).allSatisfy(file -> assertThat(failures(file)).isEmpty());
        assertThat(report.isPassed()).isTrue();
        assertThat(report.names(Status.PASSED)).hasSize(9).isEqualTo(heard);
        Map<String, Long> compared = report.files().stream()
                .collect(Collectors.toMap(f -> f.file().replace(".safetensors", ""), f -> f.results().stream()
                        .filter(GoldenResult::wasCompared)
                        .count()));
        assertThat(compared)
                .containsEntry("dynamic_controller", 4L)
                .containsEntry("ema_adamw", 36L)
                .containsEntry("finetune_interpolate_m4_g8to16", 6L)
                .containsEntry("mediator_attention_g8_m4", 17L)
                .containsEntry("pos_embed", 6L)
                .containsEntry("train_steps", 89L)
                .containsEntry("transport_losses", 27L)
                .containsEntry("transport_path", 72L);
    }

    @ParameterizedTest
    @CsvSource({"sit_tiny_m4_ls, 83", "sit_tiny_softmax_ls, 59", "dynamic_sit, 10"})
    void wholeNetworksAgree(String name, int compared) throws IOException {
        Files.copy(Path.of("src/test/resources/golden", name + ".safetensors"), folder.resolve(name + ".safetensors"));
        FileReport report = SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody)
                .files()
                .get(0);
        assertThat(failures(report)).isEmpty();
        assertThat(report.results().stream().filter(GoldenResult::wasCompared)).hasSize(compared);
    }

    /** The checks can fail, each comparison by itself: with every expected number changed, none passes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "dynamic_controller",
                "ema_adamw",
                "finetune_interpolate_m4_g8to16",
                "mediator_attention_g8_m4",
                "pos_embed",
                "sampler_ode",
                "train_steps",
                "transport_losses",
                "transport_path"
            })
    void everyComparisonNoticesOtherNumbers(String name) throws IOException {
        Path file = builtIn(name);
        Set<String> expected =
                SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody).files().get(0).results().stream()
                        .filter(GoldenResult::wasCompared)
                        .map(GoldenResult::tensor)
                        .collect(Collectors.toSet());
        change(
                file,
                tensors -> expected.forEach(
                        tensor -> tensors.computeIfPresent(tensor, (n, old) -> Ops.add(Ops.mul(old, 1.2), 0.1))));

        FileReport report = SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody)
                .files()
                .get(0);

        assertThat(report.status()).isEqualTo(Status.FAILED);
        assertThat(report.results())
                .filteredOn(GoldenResult::wasCompared)
                .filteredOn(GoldenResult::passed)
                .isEmpty();
    }

    @Test
    void aSingleNumberThatIsNoneFails() throws IOException {
        change(
                builtIn("mediator_attention_g8_m4"),
                tensors -> tensors.computeIfPresent("out.y", (n, old) -> {
                    Tensor poisoned = old.clone();
                    poisoned.view(-1).narrow(0, 5, 1).fill_(new Scalar(Double.NaN));
                    return poisoned;
                }));
        FileReport report = SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody)
                .files()
                .get(0);
        assertThat(report.status()).isEqualTo(Status.FAILED);
        assertThat(report.reason()).isEqualTo("1 of 17 comparisons failed");
        assertThat(failures(report)).singleElement().satisfies(result -> {
            assertThat(result.tensor()).isEqualTo("out.y");
            assertThat(result.error()).isNaN();
        });
    }

    /** Adam may send few weights with a gradient of zero the other way, but neither many nor far. */
    @ParameterizedTest
    @CsvSource({"1, 1e-4, true", "1, 1e-3, false", "3, 1e-4, false", "24, 1e-5, true", "24, 3e-5, false"})
    void fewWeightsMayDifferALittle(int count, double difference, boolean passes) throws IOException {
        change(
                builtIn("train_steps"),
                tensors -> tensors.computeIfPresent("after3.blocks.0.attn.proj.bias", (n, old) -> {
                    Tensor moved = old.clone();
                    moved.narrow(0, 0, count).add_(new Scalar(difference));
                    return moved;
                }));
        assertThat(SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody).isPassed())
                .isEqualTo(passes);
    }

    @Test
    void aFileThatLacksATensorOrASettingFailsAndSaysSo() throws IOException {
        change(builtIn("train_steps"), tensors -> tensors.remove("step2.x0"));
        Path bare = folder.resolve("sit_bare.safetensors");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(bare, Map.of("in.x", Tensors.zeros(DType.F32, 1)), Map.of());
        }
        SelfTestReport report = SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody);
        assertThat(report.names(Status.FAILED)).containsExactly("sit_bare.safetensors", "train_steps.safetensors");
        assertThat(report.files().get(0).reason()).contains("lacks the setting 'mediator_num'");
        assertThat(report.files().get(1).reason()).contains("has no tensor 'step2.x0'");
    }

    @Test
    void aFileWithNothingToCompareHasNotPassed() throws IOException {
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(
                    folder.resolve("transport_losses.safetensors"),
                    Map.of("in.t", Tensors.zeros(DType.F32, 4)),
                    Map.of());
        }
        FileReport report = SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody)
                .files()
                .get(0);
        assertThat(report.status()).isEqualTo(Status.FAILED);
        assertThat(report.reason()).isEqualTo("it holds nothing that could be compared");
    }

    @Test
    void unknownKindsAreSkippedAndOtherFilesIgnored() throws IOException {
        builtIn("ema_adamw");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(
                    folder.resolve("weather.safetensors"), Map.of("rain", Tensors.zeros(DType.F32, 1)), Map.of());
        }
        Files.writeString(folder.resolve("INDEX.md"), "# Golden files");

        SelfTestReport report = SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody);

        assertThat(report.names(Status.PASSED)).containsExactly("ema_adamw.safetensors");
        assertThat(report.names(Status.SKIPPED)).containsExactly("weather.safetensors");
        assertThat(report.isPassed()).isTrue();
        assertThat(report.files().get(1).reason()).isEqualTo("no check knows this kind of file");
    }

    @Test
    void brokenFilesHaveFailedWithTheReason() throws IOException {
        Path file = builtIn("ema_adamw");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
        Files.writeString(folder.resolve("noise.safetensors"), "this is not a tensor file at all");

        SelfTestReport report = SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody);

        assertThat(report.isPassed()).isFalse();
        assertThat(report.names(Status.FAILED)).containsExactly("ema_adamw.safetensors", "noise.safetensors");
        assertThat(report.files().get(0).reason()).contains("truncated?");
        assertThat(report.files().get(1).reason()).contains("is not a usable safetensors file");
    }

    @Test
    void foldersWithoutGoldenFilesAreErrors() throws IOException {
        assertThatThrownBy(() -> SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody))
                .isInstanceOf(IOException.class)
                .hasMessage(folder + " holds no golden file: no name ends in .safetensors");
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> SelfTest.run(missing, ComputeDevice.CPU, SelfTestTest::nobody))
                .isInstanceOf(IOException.class)
                .hasMessage(missing + " is not a folder");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(
                    folder.resolve("weather.safetensors"), Map.of("rain", Tensors.zeros(DType.F32, 1)), Map.of());
        }
        assertThatThrownBy(() -> SelfTest.run(folder, ComputeDevice.CPU, SelfTestTest::nobody))
                .isInstanceOf(IOException.class)
                .hasMessage(folder + " holds no golden file of a known kind");
    }

    @Test
    void theBuiltInRunLeavesNothingBehind() throws IOException {
        SelfTest.runBuiltIn(folder, ComputeDevice.CPU, SelfTestTest::nobody);
        assertThat(folder).isEmptyDirectory();
    }

    private static void nobody(FileReport report) {}

    private Path builtIn(String name) throws IOException {
        Path file = folder.resolve(name + ".safetensors");
        try (InputStream in = SelfTest.class.getResourceAsStream("golden/" + name + ".safetensors")) {
            Files.copy(Objects.requireNonNull(in), file);
        }
        return file;
    }

    private static void change(Path path, Consumer<Map<String, Tensor>> change) throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors;
            Map<String, String> metadata;
            try (SafeTensors file = SafeTensors.open(path)) {
                tensors = new LinkedHashMap<>(file.all());
                metadata = file.metadata();
            }
            change.accept(tensors);
            SafeTensorsWriter.write(path, tensors, metadata);
        }
    }

    private static List<GoldenResult> failures(FileReport report) {
        return report.results().stream().filter(r -> !r.passed()).toList();
    }
}
