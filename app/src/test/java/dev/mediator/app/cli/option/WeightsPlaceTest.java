package dev.mediator.app.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --weights-key} and {@code --strip-prefix}, on every command that opens a network. */
class WeightsPlaceTest {
    @TempDir
    private Path folder;

    private Path plain;
    private Path twoSets;
    private Path prefixed;

    @BeforeEach
    void writeCheckpoints() throws IOException {
        plain = TinyCheckpoint.write(folder.resolve("plain.safetensors"));
        twoSets = write("two.safetensors", tensors -> {
            Map<String, Tensor> both = new LinkedHashMap<>();
            tensors.forEach((name, tensor) -> both.put("first." + name, tensor.mul(new Scalar(2))));
            tensors.forEach((name, tensor) -> both.put("second." + name, tensor));
            return both;
        });
        prefixed = write("prefixed.safetensors", tensors -> {
            Map<String, Tensor> named = new LinkedHashMap<>();
            tensors.forEach((name, tensor) -> named.put("student_" + name, tensor));
            return named;
        });
    }

    private interface Change {
        Map<String, Tensor> of(Map<String, Tensor> tensors);
    }

    private Path write(String name, Change change) throws IOException {
        return TinyCheckpoint.write(
                folder.resolve(name), TinyCheckpoint.config(1, 3), TinyCheckpoint.CLASSES, tensors -> {
                    Map<String, Tensor> changed = change.of(Map.copyOf(tensors));
                    tensors.clear();
                    tensors.putAll(changed);
                });
    }

    private static CliRun run(String command, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.addAll(List.of(more));
        return CliRun.of(arguments.toArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sample --count 1 --points 2 --model",
                "flops --model",
                "bench --batch 1 --runs 1 --measure forward --model",
                "compare --count 2 --points 2 --schedule static:4 --schedule static:16",
                "analyze redundancy --samples 1 --points 2 --model"
            })
    void theSetIsNamed(String command) {
        Object[] out = command.startsWith("flops") || command.startsWith("bench")
                ? new Object[] {}
                : new Object[] {"--out", folder.resolve("out")};
        List<Object> second = new ArrayList<>(List.of(twoSets, "--weights-key", "second"));
        second.addAll(List.of(out));

        CliRun unnamed = run(command, twoSets);
        CliRun named = run(command, second.toArray());
        CliRun wrong = run(command, twoSets, "--weights-key", "third");

        assertThat(named.err()).as(command).doesNotContain("mediator: two");
        assertThat(named.exitCode()).as(named.err()).isZero();
        assertThat(wrong.err()).contains("--weights-key 'third'").contains("found are 'first'", "'second'");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(unnamed.exitCode()).isEqualTo(command.startsWith("flops") ? 0 : 1);
    }

    @Test
    void thePicturesAreThoseOfTheNamedWeights() throws IOException {
        List<byte[]> expected = pictures("plain", plain);

        assertThat(pictures("key", twoSets, "--weights-key", "second")).containsExactlyElementsOf(expected);
        assertThat(pictures("prefix", prefixed, "--strip-prefix", "student_")).containsExactlyElementsOf(expected);
    }

    private List<byte[]> pictures(String name, Path model, Object... place) throws IOException {
        Path out = folder.resolve(name);
        List<Object> more = new ArrayList<>(List.of(model, "--out", out));
        more.addAll(List.of(place));
        CliRun run = run("sample --count 1 --points 2 --model", more.toArray());
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<byte[]> pictures = new ArrayList<>();
        for (String file : List.of("00-boot-seed0.png", "01-bag-seed0.png")) {
            pictures.add(Files.readAllBytes(out.resolve(file)));
        }
        return pictures;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bench --batch 1", "flops"})
    void aPlaceNeedsACheckpoint(String command) {
        CliRun run = run(command, "--weights-key", "second");

        assertThat(run.err())
                .contains("--weights-key is 'second', but it belongs to checkpoints, and --model names none");
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
