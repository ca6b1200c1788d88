package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.compare.ComparedRun;
import dev.mediator.app.cli.sample.SampleFolderReader;
import dev.mediator.app.cli.sample.SampleTraces;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.AutoencoderFolder;
import dev.mediator.data.LatentDescription;
import dev.mediator.evaluation.ReferenceFile;
import dev.mediator.experiment.ExperimentConfig;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.stepwise.ScheduleFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.training.AutoencoderTrainConfig;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.RunDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whatever stands where JSON is expected is read, or refused in one line that names the file, or a setting. Each reader gets
 * JSON that is right, with every value replaced by others, left out or given twice, and texts that are no such JSON at all.
 */
class ForeignJsonTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String[] VALUES = {
        "null",
        "[]",
        "{}",
        "[null]",
        "[[1]]",
        "{\"a\":{\"b\":null}}",
        "\"text\"",
        "\"\"",
        "\"\\u0000\"",
        "-1",
        "0",
        "3.7",
        "1e400",
        "123456789012345678901234567890",
        "true"
    };
    private static final String[] TEXTS = {
        "",
        " ",
        "null",
        "1",
        "\"text\"",
        "[]",
        "[1]",
        "{}",
        "{",
        "{\"a\":NaN}",
        "{\"a\":1,\"a\":2}",
        "{} {}",
        "<!DOCTYPE html>",
        "version https://git-lfs.github.com/spec/v1",
        "[".repeat(5000)
    };

    private enum Kind {
        RECORD,
        RECORD_OF_A_FOLDER_THAT_GOES_ON,
        TRACES,
        SCHEDULE,
        TRAINING,
        AUTOENCODER_TRAINING,
        EXPERIMENT,
        CODEC,
        LOG,
        SHARDS,
        NETWORK,
        CLASSES,
        TRANSPORT,
        CODEC_OF_A_NETWORK,
        EXTRACTOR,
        LATENTS
    }

    @TempDir
    private Path folder;

    private Path samples;
    private Path model;
    private Path reference;

    @BeforeEach
    void make() throws IOException {
        Engine.start();
        model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        samples = folder.resolve("samples");
        reference = folder.resolve("reference.safetensors");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void isReadOrRefused(Kind kind) throws IOException {
        if (kind.name().startsWith("RECORD")) {
            assertThat(sample().exitCode()).isZero();
        } else if (kind == Kind.EXTRACTOR) {
            CliRun.of(
                    "make-reference",
                    SampledPictures.TEST,
                    "--limit",
                    2,
                    "--out",
                    reference,
                    "--weights",
                    SampledPictures.CLASSIFIER);
        }
        String right = right(kind);
        assertThat(refusal(kind, right.getBytes(StandardCharsets.UTF_8)))
                .as("the JSON that is right")
                .isNull();
        assertThat(refusal(kind, ("\uFEFF" + right).getBytes(StandardCharsets.UTF_8)))
                .as("with a byte order mark")
                .matches(reason -> reason == null || kind == Kind.SHARDS || inMetadata(kind));
        assertThat(inMetadata(kind)
                        || kind == Kind.LOG
                        || kind == Kind.SHARDS
                        || refusal(kind, right.getBytes(StandardCharsets.UTF_16)) != null)
                .isTrue();
        List<String> texts = new ArrayList<>(List.of(TEXTS));
        JsonNode tree = JSON.readTree(right);
        for (String value : VALUES) {
            replaced(tree, tree, value, texts);
        }
        replaced(tree, tree, null, texts);
        for (String text : texts) {
            String reason = refusal(kind, text.getBytes(StandardCharsets.UTF_8));
            assertThat(reason == null || (!reason.isBlank() && reason.lines().count() == 1))
                    .as(text + ": " + reason)
                    .isTrue();
        }
    }

    private static boolean inMetadata(Kind kind) {
        return switch (kind) {
            case NETWORK, CLASSES, TRANSPORT, CODEC_OF_A_NETWORK, EXTRACTOR, LATENTS -> true;
            default -> false;
        };
    }

    /** The text of a whole tree for each place in it that can have another value, or be left out. */
    private static void replaced(JsonNode whole, JsonNode node, @Nullable String value, List<String> texts) {
        String mark = "\"MARK\"";
        if (node instanceof ObjectNode object) {
            for (String name : List.copyOf(object.propertyNames())) {
                JsonNode before = object.get(name);
                replaced(whole, before, value, texts);
                if (value == null) {
                    object.remove(name);
                    texts.add(whole.toString());
                } else {
                    object.put(name, "MARK");
                    texts.add(whole.toString().replace(mark, value));
                }
                object.set(name, before);
            }
        } else if (node instanceof ArrayNode array && value != null) {
            for (int i = 0; i < Math.min(2, array.size()); i++) {
                JsonNode before = array.get(i);
                replaced(whole, before, value, texts);
                array.set(i, JSON.getNodeFactory().stringNode("MARK"));
                texts.add(whole.toString().replace(mark, value));
                array.set(i, before);
            }
        }
    }

    /** Null if it was read, else why it was not; any other failure than these fails the test. */
    private @Nullable String refusal(Kind kind, byte[] text) throws IOException {
        try {
            read(kind, text);
            return null;
        } catch (IOException e) {
            assertThat(e.getMessage())
                    .as(new String(text, StandardCharsets.UTF_8))
                    .contains(folder.toString());
            return e.getMessage();
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        } catch (RuntimeException e) {
            throw new AssertionError(kind + ": " + new String(text, StandardCharsets.UTF_8), e);
        }
    }

    private String right(Kind kind) throws IOException {
        return switch (kind) {
            case RECORD, RECORD_OF_A_FOLDER_THAT_GOES_ON -> Files.readString(samples.resolve("record.json"));
            case TRACES ->
                "{\"file\":\"a.png\",\"trace\":{\"stages\":[{\"mediators\":4,\"steps\":2}],\"switchSteps\":[],"
                        + "\"evaluations\":2,\"gflops\":1.0,\"gflopsFull\":2.0}}\n";
            case SCHEDULE ->
                "{\"schedule\":{\"rule\":\"threshold\",\"counts\":[4,16],\"thresholds\":[0.8],\"distance\":\"mae\","
                        + "\"window\":3},\"points\":16,\"guidanceInterval\":[0.0,1.0]}";
            case TRAINING -> Files.readString(Path.of("../configs/fashion-latent.json"));
            case AUTOENCODER_TRAINING -> Files.readString(Path.of("../configs/fashion-autoencoder.json"));
            case EXPERIMENT -> Files.readString(Path.of("../experiments/fashion/reduced.json"));
            case CODEC ->
                "{\"_class_name\":\"AutoencoderKL\",\"in_channels\":1,\"out_channels\":1,\"latent_channels\":2,"
                        + "\"block_out_channels\":[8],\"layers_per_block\":1,\"norm_num_groups\":4,\"sample_size\":8,"
                        + "\"scaling_factor\":0.5,\"down_block_types\":[\"DownEncoderBlock2D\"],"
                        + "\"up_block_types\":[\"UpDecoderBlock2D\"]}";
            case LOG ->
                "{\"step\":1,\"epoch\":0.5,\"loss\":1.0,\"gradientNorm\":1.0,\"learningRate\":0.1,"
                        + "\"imagesPerSecond\":1.0,\"gflopsPerSecond\":1.0,\"processes\":1,\"seconds\":1.0}";
            case SHARDS ->
                "{\"metadata\":{\"config\":\"{}\"},\"weight_map\":{\"x_embedder.proj.bias\":\"" + model.getFileName()
                        + "\"}}";
            case NETWORK -> metadata(model, "config");
            case CLASSES -> metadata(model, "classNames");
            case TRANSPORT -> metadata(model, "transport");
            case CODEC_OF_A_NETWORK -> "{}";
            case EXTRACTOR -> metadata(reference, "extractor");
            case LATENTS ->
                "{\"codec\":{\"folder\":\"x\",\"fingerprint\":\"0\"},\"data\":"
                        + JSON.valueToTree(AutoencoderTrainConfig.defaults().data())
                        + ",\"classNames\":[\"a\"],\"images\":3,\"latent\":{\"channels\":2,\"height\":4,\"width\":4},"
                        + "\"imagesPerFile\":2}";
        };
    }

    private void read(Kind kind, byte[] text) throws IOException {
        switch (kind) {
            case RECORD -> {
                Files.write(samples.resolve("record.json"), text);
                SampleFolderReader folderOfIt = SampleFolderReader.read(samples);
                assertThat(folderOfIt.modelNames()).isNotNull();
                assertThat(ComparedRun.of(folderOfIt, "x").images()).isNotEmpty();
            }
            case RECORD_OF_A_FOLDER_THAT_GOES_ON -> {
                Files.write(samples.resolve("record.json"), text);
                refuseLike(sample());
            }
            case TRACES -> SampleTraces.open(Files.write(folder.resolve("traces.jsonl"), text), null);
            case SCHEDULE ->
                assertThat(ScheduleFile.read(Files.write(folder.resolve("s.json"), text))
                                .schedule())
                        .isNotNull();
            case TRAINING ->
                assertThat(ConfigTree.read(Files.write(folder.resolve("c.json"), text))
                                .toConfig())
                        .isNotNull();
            case AUTOENCODER_TRAINING ->
                assertThat(ConfigTree.of(AutoencoderTrainConfig.defaults())
                                .overlay(Files.write(folder.resolve("c.json"), text))
                                .to(AutoencoderTrainConfig.class))
                        .isNotNull();
            case EXPERIMENT ->
                assertThat(ExperimentConfig.read(Files.write(folder.resolve("e.json"), text)))
                        .isNotNull();
            case CODEC -> {
                Files.write(folder.resolve("config.json"), text);
                assertThat(new AutoencoderFolder(folder).config()).isNotNull();
            }
            case LOG -> {
                Files.write(folder.resolve("log.jsonl"), text);
                assertThat(new RunDirectory(folder).readLog()).doesNotContain((dev.mediator.training.LogEntry) null);
            }
            case SHARDS ->
                TensorFile.open(Files.write(folder.resolve("m.safetensors.index.json"), text))
                        .close();
            case NETWORK -> open("config", text);
            case CLASSES -> open("classNames", text);
            case TRANSPORT -> open("transport", text);
            case CODEC_OF_A_NETWORK -> open("codec", text);
            case EXTRACTOR -> {
                Path changed = changed(reference, "extractor", text);
                try (SafeTensors whole = SafeTensors.open(reference);
                        Scope scope = Scope.open()) {
                    ReferenceFile.read(
                            changed,
                            JSON.readValue(
                                    Objects.requireNonNull(whole.metadata().get("extractor")),
                                    dev.mediator.evaluation.ExtractorDescription.class));
                }
            }
            case LATENTS ->
                LatentDescription.parse(
                        folder.resolve("l"), Map.of("latents", new String(text, StandardCharsets.UTF_8)));
        }
    }

    private CliRun sample() {
        return CliRun.of("sample", "--model", model, "--points", 2, "--count", 1, "--classes", 0, "--out", samples);
    }

    /** What a command says of its own accord; anything unexpected is no refusal. */
    private static void refuseLike(CliRun run) throws IOException {
        assertThat(run.err()).doesNotContain("unexpected");
        if (run.exitCode() != 0) {
            throw new IOException(run.err().strip());
        }
    }

    private void open(String key, byte[] text) throws IOException {
        Path changed = changed(model, key, text);
        ImageGenerator.open(List.of(changed), Weights.EMA, Placement.cpu(DType.F32))
                .close();
    }

    private static String metadata(Path file, String key) throws IOException {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            return Objects.requireNonNull(tensors.metadata().get(key));
        }
    }

    private Path changed(Path file, String key, byte[] text) throws IOException {
        Path changed = folder.resolve("changed.safetensors");
        try (SafeTensors tensors = SafeTensors.open(file);
                Scope scope = Scope.open()) {
            Map<String, String> metadata = new LinkedHashMap<>(tensors.metadata());
            metadata.put(key, new String(text, StandardCharsets.UTF_8));
            Map<String, Tensor> all = new LinkedHashMap<>(tensors.all());
            SafeTensorsWriter.write(changed, all, metadata);
        }
        return changed;
    }
}
