package dev.mediator.app.cli.checkpoint;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ConvertCommandTest {
    private static final Path PYTORCH = Path.of("../core/src/test/resources/sit");
    private static final String OVERFLOWING = "blocks.0.mlp.fc1.weight";

    @TempDir
    private Path folder;

    /** What SiT's training saved becomes ours: the same numbers under the same names, and what it was trained for. */
    @Test
    void aTrainingOfSitIsConverted() throws IOException {
        Path out = folder.resolve("sit.safetensors");

        CliRun run = CliRun.of("convert", "--json", PYTORCH.resolve("training.pt"), out);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode answer = run.json();
        assertThat(answer.path("in").path("format").stringValue()).isEqualTo("PyTorch zip");
        assertThat(answer.path("out").path("format").stringValue()).isEqualTo("safetensors");
        assertThat(answer.path("weights").stringValue()).isEqualTo("ema");
        assertThat(answer.path("config").path("heads").intValue()).isEqualTo(2);
        assertThat(answer.path("relativeErrors").path("4").doubleValue()).isZero();
        Map<String, String> expected = checksums(PYTORCH.resolve("ema.safetensors"));
        expected.remove("pos_embed");
        assertThat(checksums(out)).containsAllEntriesOf(expected).hasSize(expected.size() + 1);
        JsonNode info = CliRun.of("info", "--json", out).json();
        assertThat(info.path("config")).isEqualTo(answer.path("config"));
        assertThat(info.path("metadata").path("transport").stringValue()).contains("\"gvp\"", "\"noise\"");
        assertThat(list(folder)).containsExactly("sit.safetensors");
    }

    /** PyTorch files need no conversion: what is sampled from them is what is sampled from the converted file. */
    @Test
    void picturesAreMadeFromPyTorchFilesDirectly() throws IOException {
        Path torch = PYTORCH.resolve("training.pt");
        Path out = folder.resolve("sit.safetensors");
        CliRun.of("convert", torch, out);
        for (Path model : List.of(torch, out)) {
            CliRun run = CliRun.of(
                    "sample", "--model", model, "--count", 1, "--points", 4, "--out", folder.resolve(name(model)));
            assertThat(run.exitCode()).as(run.err()).isZero();
        }
        assertThat(folder.resolve("training.pt-out/01-1-seed0.png"))
                .hasSameBinaryContentAs(folder.resolve("sit.safetensors-out/01-1-seed0.png"));
    }

    /** And back: for PyTorch, under the names and the key where SiT's own programs look for them. */
    @Test
    void networksAreWrittenForPyTorch() throws IOException {
        Path torch = folder.resolve("sit.pt");
        CliRun run = CliRun.of("convert", "--json", PYTORCH.resolve("training.pt"), torch);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode answer = run.json();
        assertThat(answer.path("out").path("format").stringValue()).isEqualTo("PyTorch zip");
        assertThat(answer.path("out").path("config")).isEqualTo(answer.path("config"));
        assertThat(answer.path("out").path("parameters"))
                .isEqualTo(answer.path("in").path("parameters"));
        assertThat(answer.path("relativeErrors").path("4").doubleValue()).isZero();
        Map<String, String> expected = new TreeMap<>();
        checksums(PYTORCH.resolve("ema.safetensors")).forEach((name, sum) -> expected.put("ema." + name, sum));
        expected.remove("ema.pos_embed");
        assertThat(checksums(torch)).containsAllEntriesOf(expected).hasSize(expected.size() + 1);
        assertThat(list(folder)).containsExactly("sit.pt");
        assertThat(CliRun.of("info", torch).out())
                .contains("config: {", "mediator.transport")
                .doesNotContain("r.config");
    }

    /** There and back nothing is lost: numbers, configuration, class names. */
    @Test
    void whatPyTorchGetsIsReadAgain() throws IOException {
        Path in = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path torch = folder.resolve("tiny.pt");
        Path back = folder.resolve("back.safetensors");
        assertThat(CliRun.of("convert", in, torch).exitCode()).isZero();
        assertThat(CliRun.of("convert", torch, back).exitCode()).isZero();

        Path straight = folder.resolve("straight.safetensors");
        assertThat(CliRun.of("convert", in, straight).exitCode()).isZero();
        assertThat(back).hasSameBinaryContentAs(straight);
        CliRun sampled = CliRun.of(
                "sample",
                "--model",
                torch,
                "--classes",
                "Bag",
                "--count",
                1,
                "--points",
                3,
                "--out",
                folder.resolve("o"));
        assertThat(sampled.exitCode()).as(sampled.err()).isZero();

        CliRun shorter = CliRun.of("convert", in, torch, "--dtype", "bf16", "--mediators", 16);
        assertThat(shorter.exitCode()).as(shorter.err()).isZero();
        JsonNode tensor = CliRun.of("info", "--json", "--weights", "ema", torch)
                .json()
                .path("tensors")
                .path(1);
        assertThat(tensor.path("dtype").stringValue()).isEqualTo("BF16");
        assertThat(tensor.path("name").stringValue()).isEqualTo("x_embedder.proj.weight");
    }

    private static String name(Path model) {
        return model.getFileName() + "-out";
    }

    @Test
    void shorterNumbersTellHowFarTheyAreOff() throws IOException {
        Path in = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        for (String dtype : List.of("bf16", "fp16")) {
            Path out = folder.resolve(dtype + ".safetensors");
            CliRun run = CliRun.of("convert", in, out, "--dtype", dtype);

            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out()).containsPattern("with 16 mediators the answers differ by \\S+ of the largest value");
            assertThat(Files.size(out)).isLessThan(Files.size(in) * 2 / 3);
            JsonNode again = CliRun.of("convert", "--json", out, folder.resolve("again.safetensors"), "--dtype", "fp32")
                    .json();
            assertThat(again.path("relativeErrors").path("full").doubleValue())
                    .as("longer numbers hold all of shorter ones")
                    .isZero();
        }
    }

    /** One count of an elastic network is a network with the names of the published checkpoints. */
    @Test
    void oneCountOfAnElasticNetworkIsTakenOut() throws IOException {
        Path in = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("sixteen.safetensors");

        JsonNode answer =
                CliRun.of("convert", "--json", in, out, "--mediators", 16).json();

        assertThat(answer.path("relativeErrors").toString()).isEqualTo("{\"16\":0.0}");
        assertThat(checksums(out))
                .containsKeys("pos_embed", "blocks.0.attn.an_bias")
                .doesNotContainKey("blocks.0.attn.mediators.16.an_bias")
                .containsValue(checksums(in).get("blocks.0.attn.mediators.16.an_bias"));
        assertUsage("--mediators is '64', the network serves [4, 16, full]", in, out, "--mediators", 64);
        assertUsage("--mediators is 'full', allowed is full beside a count", in, out, "--mediators", "full");
    }

    @Test
    void severalFilesHaveAnIndexAndAreReadAsOne() throws IOException {
        Path in = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("parts/tiny.safetensors");

        CliRun run = CliRun.of("convert", in, out, "--shard-size", "20KB");

        assertThat(run.exitCode()).as(run.err()).isZero();
        Path index = folder.resolve("parts/tiny.safetensors.index.json");
        assertThat(list(folder.resolve("parts"))).hasSizeGreaterThan(3).contains("tiny.safetensors.index.json");
        Map<String, String> found = checksums(index);
        found.remove("pos_embed");
        assertThat(found).isEqualTo(checksums(in));
        CliRun back = CliRun.of("convert", "--json", index, folder.resolve("back.safetensors"));
        assertThat(back.json().path("relativeErrors").path("4").doubleValue()).isZero();
        assertThat(back.json().path("config"))
                .isEqualTo(CliRun.of("info", "--json", in).json().path("config"));
    }

    @Test
    void headsThatNothingTellsAreAnOption() throws IOException {
        Path in = PYTORCH.resolve("wrapped.pt");
        Path out = folder.resolve("softmax.safetensors");

        CliRun refused = CliRun.of("convert", in, out);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("say it with convert --heads").hasLineCount(1);
        assertThat(list(folder)).isEmpty();

        assertThat(CliRun.of("convert", in, out, "--heads", 2).exitCode()).isZero();
        assertThat(CliRun.of("info", "--json", out)
                        .json()
                        .path("config")
                        .path("heads")
                        .intValue())
                .isEqualTo(2);
    }

    /** A weight that fp16 cannot hold: the old file stays, and nothing else is left. */
    @Test
    void whatAnswersOtherwiseIsNotWritten() throws IOException {
        Path in = TinyCheckpoint.write(
                folder.resolve("in.safetensors"),
                TinyCheckpoint.config(1, 3),
                TinyCheckpoint.CLASSES,
                tensors -> tensors.put(OVERFLOWING, Ops.mul(requireNonNull(tensors.get(OVERFLOWING)), 1e6)));
        Path out = Files.writeString(folder.resolve("out.safetensors"), "what was there before");

        CliRun run = CliRun.of("convert", in, out, "--dtype", "fp16");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains(out + " is not written: with 4 mediators its network answers otherwise", "NaN")
                .hasLineCount(1);
        assertThat(out).hasContent("what was there before");
        assertThat(list(folder)).containsExactly("in.safetensors", "out.safetensors");
    }

    @Test
    void wrongArgumentsAreNamed() throws IOException {
        Path in = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        assertUsage("allowed are names that end in .safetensors, or in .pt", in, folder.resolve("out.bin"));
        assertUsage("which is to be several files", in, folder.resolve("out.pt"), "--shard-size", "1GB");
        assertUsage("IN and OUT are the same file", in, in);
        Path out = folder.resolve("out.safetensors");
        assertUsage("--shard-size is '5', allowed are sizes such as 500MB or 2GB", in, out, "--shard-size", 5);
        assertUsage("--shard-size is '0GB'", in, out, "--shard-size", "0GB");
        assertUsage("--weights is 'best', allowed are ema and model", in, out, "--weights", "best");
        assertUsage("--dtype is 'fp64', allowed are fp32, fp16 and bf16", in, out, "--dtype", "fp64");
        assertThat(list(folder)).containsExactly("tiny.safetensors");
    }

    private static void assertUsage(String message, Object... arguments) {
        Object[] all = Stream.concat(Stream.of("convert"), Stream.of(arguments)).toArray();
        CliRun run = CliRun.of(all);
        assertThat(run.err()).contains(message).hasLineCount(1);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    private static Map<String, String> checksums(Path file) throws IOException {
        Map<String, String> checksums = new TreeMap<>();
        try (TensorFile tensors = TensorFile.open(file);
                Scope scope = Scope.open()) {
            tensors.entries().forEach(entry -> checksums.put(entry.name(), tensors.sha256(entry.name())));
        }
        return checksums;
    }

    private static List<String> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
