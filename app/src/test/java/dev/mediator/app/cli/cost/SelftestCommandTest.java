package dev.mediator.app.cli.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.selftest.SelfTest;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class SelftestCommandTest {
    @TempDir
    private Path folder;

    @Test
    void theBuiltInSetPasses() {
        CliRun run = CliRun.of("selftest", "--threads", 1);

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("\n9 passed, 0 failed, 0 skipped\n")
                .containsPattern(
                        "passed {3}ema_adamw\\.safetensors: 36 comparisons, the worst \\d\\.\\de-\\d\\d of 1e-06")
                .containsPattern("\n {2}adamw\\.wd0\\.01\\.step3\\.c +\\d\\.\\de-\\d\\d of 1e-06 {2}pass\n")
                .containsPattern("\n {2}edge\\.Linear\\.alpha +skipped: ")
                .doesNotContain("FAIL");
    }

    @Test
    void theJsonHasFilesAndTensors() throws IOException {
        copy("ema_adamw");
        copy("transport_path");
        unknown();

        CliRun run = CliRun.of("selftest", "--json", "--threads", 1, folder);

        JsonNode json = run.json();
        assertThat(run.exitCode()).isZero();
        assertThat(json.propertyNames()).containsExactly("passed", "failed", "skipped", "details");
        assertThat(strings(json.path("passed"))).containsExactly("ema_adamw.safetensors", "transport_path.safetensors");
        assertThat(json.path("failed").size()).isZero();
        assertThat(strings(json.path("skipped"))).containsExactly("weather.safetensors");
        JsonNode first = json.path("details").path(0);
        assertThat(first.path("file").stringValue()).isEqualTo("ema_adamw.safetensors");
        assertThat(first.path("status").stringValue()).isEqualTo("passed");
        assertThat(first.has("reason")).isFalse();
        assertThat(first.path("tensors").size()).isEqualTo(36);
        JsonNode tensor = first.path("tensors").path(0);
        assertThat(tensor.path("tensor").stringValue()).isEqualTo("adamw.wd0.0.step1.a");
        assertThat(tensor.path("error").doubleValue()).isBetween(0.0, 1e-6);
        assertThat(tensor.path("tolerance").doubleValue()).isEqualTo(1e-6);
        assertThat(tensor.path("passed").booleanValue()).isTrue();
        assertThat(tensor.path("note").stringValue()).isEmpty();
        JsonNode edge = json.path("details")
                .path(1)
                .path("tensors")
                .valueStream()
                .filter(t -> t.path("tensor").stringValue().startsWith("edge."))
                .findFirst()
                .orElseThrow();
        assertThat(edge.path("tolerance").isNull()).isTrue();
        assertThat(edge.path("note").stringValue()).startsWith("skipped: ");
        assertThat(json.path("details").path(2).path("reason").stringValue())
                .isEqualTo("no check knows this kind of file");
    }

    @Test
    void aChangedNumberFails() throws IOException {
        change(copy("ema_adamw"), "adamw.wd0.0.step2.b", 1.001);
        copy("transport_losses");

        CliRun run = CliRun.of("selftest", "--summary", "--threads", 1, folder);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .startsWith("FAILED   ema_adamw.safetensors: 1 of 36 comparisons failed\n")
                .containsPattern("\n {2}adamw\\.wd0\\.0\\.step2\\.b +1\\.0e-03 of 1e-06 {2}FAIL\npassed")
                .endsWith("\n1 passed, 1 failed, 0 skipped\n")
                .hasLineCount(4);
        JsonNode json = CliRun.of("selftest", "--json", "--threads", 1, folder).json();
        assertThat(strings(json.path("failed"))).containsExactly("ema_adamw.safetensors");
        assertThat(json.path("details").path(0).path("reason").stringValue()).isEqualTo("1 of 36 comparisons failed");
    }

    @Test
    void whatIsNoNumberIsNullInJson() throws IOException {
        change(copy("ema_adamw"), "adamw.wd0.0.step2.b", Double.NaN);

        CliRun run = CliRun.of("selftest", "--json", "--threads", 1, folder);

        assertThat(run.exitCode()).isEqualTo(1);
        JsonNode failed = run.json()
                .path("details")
                .path(0)
                .path("tensors")
                .valueStream()
                .filter(t -> !t.path("passed").booleanValue())
                .findFirst()
                .orElseThrow();
        assertThat(failed.path("tensor").stringValue()).isEqualTo("adamw.wd0.0.step2.b");
        assertThat(failed.path("error").isNull()).isTrue();
    }

    @Test
    void aBrokenFileFailsAndTheOthersAreStillChecked() throws IOException {
        Path broken = copy("ema_adamw");
        byte[] bytes = Files.readAllBytes(broken);
        Files.write(broken, Arrays.copyOf(bytes, bytes.length / 2));
        copy("transport_losses");

        CliRun run = CliRun.of("selftest", "--json", "--threads", 1, folder);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(strings(run.json().path("failed"))).containsExactly("ema_adamw.safetensors");
        assertThat(strings(run.json().path("passed"))).containsExactly("transport_losses.safetensors");
        assertThat(run.json().path("details").path(0).path("reason").stringValue())
                .contains("truncated?");
    }

    @Test
    void foldersWithoutGoldenFilesAreOneLineAndExitCode1() throws IOException {
        assertFails(folder.resolve("missing"), "is not a folder");
        assertFails(folder, "holds no golden file: no name ends in .safetensors");
        unknown();
        assertFails(folder, "holds no golden file of a known kind");
    }

    @Test
    void numbersAreComparedInFp32Only() {
        assertThat(CliRun.of("selftest", "--dtype", "fp32", "--threads", 1).exitCode())
                .isZero();
        CliRun run = CliRun.of("selftest", "--dtype", "bf16");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("mediator: --dtype is 'bf16', allowed here is fp32");
    }

    private static void assertFails(Path where, String reason) {
        CliRun run = CliRun.of("selftest", where);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("mediator: " + where + " " + reason + "\n");
        JsonNode json = CliRun.of("selftest", "--json", where).json();
        assertThat(json.path("error").stringValue()).isEqualTo(where + " " + reason);
        assertThat(json.path("exitCode").intValue()).isEqualTo(1);
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::stringValue).toList();
    }

    private Path copy(String name) throws IOException {
        Path file = folder.resolve(name + ".safetensors");
        try (InputStream in = SelfTest.class.getResourceAsStream("golden/" + name + ".safetensors")) {
            Files.copy(Objects.requireNonNull(in), file);
        }
        return file;
    }

    private void unknown() throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = Map.of("rain", Tensors.zeros(DType.F32, 1));
            SafeTensorsWriter.write(folder.resolve("weather.safetensors"), tensors, Map.of());
        }
    }

    private static void change(Path path, String name, double factor) throws IOException {
        try (Scope scope = Scope.open();
                SafeTensors file = SafeTensors.open(path)) {
            Map<String, Tensor> tensors = new HashMap<>(file.all());
            tensors.computeIfPresent(name, (n, tensor) -> tensor.mul(new Scalar(factor)));
            SafeTensorsWriter.write(path, tensors, file.metadata());
        }
    }
}
