package dev.mediator.app.cli.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.checkpoint.SafeTensorsShards;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.file.JsonFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class InfoCommandTest {
    /** SHA-256 of the 24 bytes of 0, 1, …, 5 as little-endian fp32, computed elsewhere. */
    private static final String SHA256_OF_0_TO_5 = "e2c0a71510b5394df7773b63fb5f54372b84c3564e67811bde7d665be227976d";

    private static final Path PYTORCH = Path.of("../core/src/test/resources/torch");

    @TempDir
    private Path folder;

    @Test
    void jsonHoldsSettingsParametersAndTensors() throws IOException {
        Path file = checkpoint(Map.of("config", "{\"depth\": 3, \"path\": \"linear\"}", "step", "40"));

        CliRun run = CliRun.of("info", file, "--json");

        JsonNode info = run.json();
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(info.path("file").stringValue()).isEqualTo(file.toString());
        assertThat(info.path("format").stringValue()).isEqualTo("safetensors");
        assertThat(info.path("bytes").longValue()).isEqualTo(Files.size(file));
        assertThat(info.path("config").path("depth").intValue()).isEqualTo(3);
        assertThat(info.path("metadata").path("step").stringValue()).isEqualTo("40");
        assertThat(info.path("parameters").longValue())
                .as("pos_embed and labels do not count")
                .isEqualTo(6 + 4);
        JsonNode first = info.path("tensors").path(0);
        assertThat(first.path("name").stringValue()).isEqualTo("blocks.0.attn.qkv.weight");
        assertThat(first.path("dtype").stringValue()).isEqualTo("F32");
        assertThat(first.path("shape").values().stream().map(JsonNode::intValue))
                .containsExactly(2, 3);
        assertThat(first.has("sha256")).isFalse();
        assertThat(info.path("tensors")).hasSize(4);
    }

    @Test
    void checksumsAreThoseOfTheBytes() throws IOException {
        JsonNode info =
                CliRun.of("info", "--checksum", "--json", checkpoint(Map.of())).json();

        assertThat(info.path("tensors").path(0).path("sha256").stringValue()).isEqualTo(SHA256_OF_0_TO_5);
        assertThat(info.path("config").isNull()).isTrue();
    }

    @Test
    void whatVerifyHasFoundIsInTheAnswer() throws IOException {
        Path file = checkpoint(Map.of());
        CliRun run = CliRun.of("info", "--verify", file);

        assertThat(run.out()).contains("verified: the content is what its checksums say");
        assertThat(verified(file)).isEqualTo("checksums");
        assertThat(verified(PYTORCH.resolve("training.pt"))).isEqualTo("checksums");
        assertThat(verified(PYTORCH.resolve("whole-module-legacy.pt"))).isEqualTo("finite");
        assertThat(CliRun.of("info", "--json", file).json().has("verified")).isFalse();

        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        assertThat(CliRun.of("info", "--json", "--verify", file)
                        .json()
                        .path("error")
                        .stringValue())
                .contains(file + " is damaged");
    }

    private static String verified(Path file) {
        CliRun run = CliRun.of("info", "--verify", "--json", file);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.json().path("verified").stringValue();
    }

    @Test
    void schedulesAndProfilesAreVerifiedToo() throws IOException {
        Path file = folder.resolve("redundancy.json");
        JsonFile.writeSealed(file, "{\"tokens\":16}");
        assertThat(verified(file)).isEqualTo("checksums");
        assertThat(CliRun.of("info", "--verify", file).out())
                .contains("verified: the content is what its checksum says");

        Files.writeString(file, Files.readString(file).replace("16", "17"));
        CliRun damaged = CliRun.of("info", "--verify", file);
        assertThat(damaged.err()).contains(file + " is damaged").hasLineCount(1);
        assertThat(damaged.exitCode()).isEqualTo(1);

        Files.writeString(file, "{}");
        assertThat(CliRun.of("info", "--verify", file).err()).contains("has no checksum of its content");
    }

    @Test
    void forPeopleItIsATable() throws IOException {
        CliRun run = CliRun.of("info", checkpoint(Map.of("config", "{\"depth\":3}", "step", "40")));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("4 tensors, 10 parameters", "config: {\"depth\":3}", "step: 40")
                .containsPattern("blocks\\.0\\.attn\\.qkv\\.weight +F32 +\\[2, 3]");
    }

    @Test
    void everyFloatingTensorOfAForeignFileCounts() throws IOException {
        Path file = folder.resolve("foreign.safetensors");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(
                    file,
                    Map.of("encoder.weight", Tensors.zeros(DType.BF16, 5), "mask", Tensors.zeros(DType.BOOL, 7)),
                    Map.of());
        }

        assertThat(CliRun.of("info", "--json", file).json().path("parameters").longValue())
                .isEqualTo(5);
    }

    @Test
    void aTrainingsAverageAndMomentsAreNoParametersOfTheModel() throws IOException {
        Path file = folder.resolve("step-00000040.safetensors");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(
                    file,
                    Map.of(
                            "model.final_layer.linear.bias", Tensors.zeros(DType.F32, 4),
                            "ema.final_layer.linear.bias", Tensors.zeros(DType.F32, 4),
                            "optimizer.exp_avg.final_layer.linear.bias", Tensors.zeros(DType.F32, 4)),
                    Map.of());
        }

        assertThat(CliRun.of("info", "--json", file).json().path("parameters").longValue())
                .isEqualTo(4);
    }

    /** Another file of the same shapes, each sound: only the index can tell. */
    @Test
    void anIndexTellsItsFilesFromOthers() throws IOException {
        Path index = parts("ours", 1);
        assertThat(CliRun.of("info", "--verify", index).out())
                .contains("verified: the content is what its checksums say");
        parts("others", 2);
        Path second = folder.resolve("ours-00002-of-00002.safetensors");
        Files.copy(folder.resolve("others-00002-of-00002.safetensors"), second, StandardCopyOption.REPLACE_EXISTING);

        for (String option : new String[] {"--verify", "--checksum"}) {
            CliRun run = CliRun.of("info", option, index);
            assertThat(run.err())
                    .contains(second + " is not the file that ours.safetensors.index.json was written for");
            assertThat(run.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void verifySaysWhatHasNoChecksum() throws IOException {
        Path index = parts("ours", 1);
        Files.writeString(index, """
                {"weight_map": {"a": "ours-00001-of-00002.safetensors", "b": "ours-00002-of-00002.safetensors"}}
                """);
        CliRun run = CliRun.of("info", "--verify", "--json", index);
        assertThat(run.json().path("verified").stringValue()).isEqualTo("partly");
        assertThat(run.json().path("withoutChecksums").toString()).isEqualTo("[\"" + index + "\"]");
        assertThat(CliRun.of("info", "--verify", index).out())
                .contains("verified: " + index + " has no checksum of its content; the other files are"
                        + " what their checksums say");
        assertThat(CliRun.of("info", "--json", index).json().has("withoutChecksums"))
                .isFalse();
    }

    /** Its checksums are those of damaged tensors. */
    @Test
    void checksumsOfADamagedFileAreNotShown() throws IOException {
        Path file = checkpoint(Map.of());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 4;
        Files.write(file, bytes);

        CliRun run = CliRun.of("info", "--checksum", file);

        assertThat(run.err()).startsWith("mediator: " + file + " is damaged: ").hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(CliRun.of("info", file).exitCode()).isZero();
    }

    private Path parts(String name, double value) throws IOException {
        Path index = folder.resolve(name + ".safetensors.index.json");
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("a", Tensors.zeros(DType.F32, 100));
            tensors.put("b", Tensors.zeros(DType.F32, 100).add_(new Scalar(value)));
            SafeTensorsShards.write(index, tensors, Map.of(), 500);
        }
        return index;
    }

    @Test
    void pyTorchFilesAreShownTheSameWay() {
        Path file = PYTORCH.resolve("training.pt");

        JsonNode info = CliRun.of("info", "--json", "--checksum", file).json();

        assertThat(info.path("format").stringValue()).isEqualTo("PyTorch zip");
        assertThat(info.path("metadata").path("args.depth").stringValue()).isEqualTo("2");
        assertThat(info.path("tensors")).hasSize(7 + 7 + 4 * 3);
        assertThat(info.path("parameters").longValue()).isEqualTo(6 + 2 + 4 * 2);
        assertThat(info.path("tensors").path(0).path("name").stringValue()).isEqualTo("model.fc.weight");
        assertThat(CliRun.of("info", file).out())
                .contains("training.pt: PyTorch zip, 0.0 MB, 26 tensors", "args.depth: 2")
                .containsPattern("opt\\.state\\.0\\.exp_avg +F32 +\\[2, 3]");
    }

    /** The same tensors in another format have the same checksums, whatever their strides. */
    @Test
    void checksumsDoNotDependOnTheFormat() {
        JsonNode safetensors = CliRun.of("info", "--json", "--checksum", PYTORCH.resolve("everything.safetensors"))
                .json();
        for (String name : new String[] {"everything-1.13-zip.pt", "everything-1.4-legacy.pt"}) {
            JsonNode torch = CliRun.of("info", "--json", "--checksum", PYTORCH.resolve(name))
                    .json();
            Map<String, String> expected = checksums(safetensors);
            assertThat(checksums(torch)).hasSize(32).isEqualTo(expected);
        }
    }

    private static Map<String, String> checksums(JsonNode info) {
        Map<String, String> checksums = new LinkedHashMap<>();
        info.path("tensors")
                .values()
                .forEach(tensor -> checksums.put(
                        tensor.path("name").stringValue(), tensor.path("sha256").stringValue()));
        return checksums;
    }

    @Test
    void oneSetOfWeightsIsShownAlone() {
        Path file = PYTORCH.resolve("training.pt");

        JsonNode ema = CliRun.of("info", "--json", "--weights", "ema", "--checksum", file)
                .json();
        JsonNode model = CliRun.of("info", "--json", "--weights", "model", "--checksum", file)
                .json();

        assertThat(ema.path("tensors")).hasSize(7);
        assertThat(ema.path("parameters").longValue()).isEqualTo(6 + 2 + 4 * 2);
        assertThat(checksums(ema)).hasSameSizeAs(checksums(model)).isNotEqualTo(checksums(model));
        assertThat(CliRun.of("info", "--weights", "best", file).err())
                .contains("--weights is 'best', allowed are ema and model");
    }

    @Test
    void weightsThatAreNotThereAreMissed() throws IOException {
        Path file = folder.resolve("averaged.safetensors");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(file, Map.of("ema.x", Tensors.zeros(DType.F32, 1)), Map.of());
        }
        CliRun run = CliRun.of("info", "--weights", "model", file);

        assertThat(run.err()).contains("has no 'model' weights, only 'ema'").hasLineCount(1);
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void codeInAFileIsRefusedByName() {
        CliRun run = CliRun.of("info", PYTORCH.resolve("script.pt"));

        assertThat(run.err())
                .contains("it is a TorchScript program, not a file of tensors")
                .hasLineCount(1);
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void unusableFilesAreOneLineAndExitCode1() throws IOException {
        Path good = checkpoint(Map.of());
        byte[] bytes = Files.readAllBytes(good);
        Path truncated = Files.write(folder.resolve("short.safetensors"), Arrays.copyOf(bytes, bytes.length - 9));
        Path tiny = Files.write(folder.resolve("tiny.safetensors"), new byte[3]);
        byte[] png = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
        Path foreign = Files.write(folder.resolve("cat.png"), png);

        assertFails(folder.resolve("missing.safetensors"), "does not exist");
        assertFails(folder, "is a folder: name its network, " + good);
        assertFails(truncated, "truncated?");
        assertFails(tiny, "it has 3 bytes");
        assertFails(foreign, "is neither a safetensors nor a PyTorch file");
    }

    private static void assertFails(Path file, String reason) {
        CliRun run = CliRun.of("info", file);

        assertThat(run.err()).startsWith("mediator: " + file).contains(reason).hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(CliRun.of("info", "--json", file).json().path("exitCode").intValue())
                .isEqualTo(1);
    }

    @Test
    void devicesAreThoseOfThisMachine() {
        CliRun run = CliRun.of("info", "--device", "--json");

        JsonNode info = run.json();
        assertThat(run.exitCode()).isZero();
        assertThat(info.path("auto").stringValue()).isIn("cpu", "cuda:0");
        assertThat(info.has("problem"))
                .isEqualTo(info.path("auto").stringValue().equals("cpu"));
        assertThat(info.path("cuda").path("cards").intValue()).isNotNegative();
        assertThat(info.path("threads").intValue()).isPositive();
        assertThat(CliRun.of("info", "--device").out()).contains("natives: ").contains("auto: ");
    }

    @Test
    void cardsAreReadAsTheDriverTellsThem() {
        Card card = Card.parse("NVIDIA H100 80GB HBM3, 81559, 9.0");

        assertThat(card).isEqualTo(new Card("NVIDIA H100 80GB HBM3", 81559, "9.0", true));
        assertThat(card).hasToString("NVIDIA H100 80GB HBM3, 81559 MB, compute capability 9.0, bf16");
        assertThat(Card.parse("Tesla T4,15360,7.5").bf16()).isFalse();
    }

    private Path checkpoint(Map<String, String> metadata) throws IOException {
        Path file = folder.resolve("model.safetensors");
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("blocks.0.attn.qkv.weight", Tensors.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3));
            tensors.put("final_layer.linear.bias", Tensors.zeros(DType.BF16, 4));
            tensors.put("pos_embed", Tensors.zeros(DType.F32, 1, 4, 8));
            tensors.put("labels", Tensors.zeros(DType.I64, 3));
            SafeTensorsWriter.write(file, tensors, metadata);
        }
        return file;
    }
}
