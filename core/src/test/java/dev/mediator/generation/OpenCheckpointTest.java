package dev.mediator.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.Weights;
import dev.mediator.model.Guidance;
import dev.mediator.model.LabelTraining;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SamplingException;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Files that a network is read from, good and bad. */
class OpenCheckpointTest {
    private static final String QKV = "blocks.0.attn.qkv.weight";
    private static final GenerationSettings SETTINGS =
            TinyNetwork.settings(OdeConfig.of(OdeSolver.HEUN, 4), Guidance.NONE, TinyNetwork.MANY);

    @TempDir
    private Path folder;

    @BeforeAll
    static void startEngine() {
        Engine.start(1); // a network this small gains nothing from more threads
    }

    @AfterAll
    static void restoreThreads() {
        Engine.start(Engine.physicalCores());
    }

    @Test
    void classesHaveTheirNamesAndUnnamedOnesTheirNumbers() throws IOException {
        Path file = write(TinyNetwork.config(1), tensors -> {}, Map.of("classNames", "[\"Boot\"]"));

        try (ImageGenerator generator = open(file)) {
            assertThat(generator.classNames()).containsExactly("Boot", "1", "2");
        }
    }

    @Test
    void aTrainingsCheckpointHoldsTwoSetsOfWeights() throws IOException {
        Path file = write(
                TinyNetwork.config(1),
                tensors -> {
                    Map<String, Tensor> plain = new LinkedHashMap<>(tensors);
                    tensors.clear();
                    plain.forEach((name, tensor) -> {
                        tensors.put("model." + name, tensor);
                        tensors.put("ema." + name, Ops.mul(tensor, 0.5));
                        tensors.put("optimizer.exp_avg." + name, tensor);
                    });
                },
                Map.of());

        assertThat(picture(file, Weights.MODEL)).isEqualTo(picture(TinyNetwork.save(folder.resolve("a")), Weights.EMA));
        assertThat(picture(file, Weights.EMA)).isNotEqualTo(picture(file, Weights.MODEL));
    }

    @Test
    void pathAndPredictionComeFromTheFile() throws IOException {
        Path linear = TinyNetwork.save(folder.resolve("linear"));
        Path unsaid = write(TinyNetwork.config(1), tensors -> {}, Map.of("transport", "{}"));
        Path noise = TinyNetwork.save(
                folder.resolve("noise"), TinyNetwork.config(1), Transport.of(InterpolantPath.GVP, Prediction.NOISE));

        assertThat(picture(unsaid, Weights.EMA)).isEqualTo(picture(linear, Weights.EMA));
        assertThat(picture(noise, Weights.EMA)).isNotEqualTo(picture(linear, Weights.EMA));
    }

    @Test
    void whatLabelsWereTrainedForComesFromTheFile() throws IOException {
        try (ImageGenerator unsaid = open(write(TinyNetwork.config(1), tensors -> {}, Map.of()));
                ImageGenerator dropped = open(write(
                        TinyNetwork.config(1), tensors -> {}, Map.of("labelDropout", "0.1", "provenance", "{}")));
                ImageGenerator kept =
                        open(write(TinyNetwork.config(1), tensors -> {}, Map.of("labelDropout", "0.0")))) {
            assertThat(unsaid.labels()).isEqualTo(LabelTraining.BOTH);
            assertThat(dropped.labels()).isEqualTo(LabelTraining.BOTH);
            assertThat(kept.labels()).isEqualTo(LabelTraining.CLASSES_ONLY);
        }
    }

    @Test
    void aNetworkWithoutNullLabelMakesPicturesOfItsClassesUnguided() throws IOException {
        SitConfig whole = TinyNetwork.config(1);
        SitConfig lacking = new SitConfig(
                whole.inputSize(),
                whole.patchSize(),
                whole.inChannels(),
                whole.width(),
                whole.depth(),
                whole.heads(),
                whole.mlpRatio(),
                whole.numClasses(),
                whole.learnSigma(),
                whole.mediators(),
                null,
                true);
        Path file = write(
                whole,
                tensors -> tensors.computeIfPresent(
                        "y_embedder.embedding_table.weight",
                        (name, table) -> table.narrow(0, 0, 3).contiguous()),
                Map.of("config", new JsonMapper().writeValueAsString(lacking)));

        assertThat(picture(file, Weights.EMA))
                .isEqualTo(picture(TinyNetwork.save(folder.resolve("whole")), Weights.EMA));
        try (ImageGenerator generator = open(file)) {
            assertThat(generator.labels()).isEqualTo(LabelTraining.NO_NULL_LABEL);
            GenerationSettings guided =
                    TinyNetwork.settings(OdeConfig.of(OdeSolver.HEUN, 4), new Guidance(2, 0, 0, 1), TinyNetwork.MANY);
            assertThatThrownBy(() -> generator.generate(
                            List.of(new ImageRequest(0, 0)), generator.plan(guided), GenerationObserver.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("guidance scale is 2.0, allowed is 1 (none): the network has no label for");
            assertThatThrownBy(() -> generator.generate(
                            List.of(new ImageRequest(3, 0)), generator.plan(SETTINGS), GenerationObserver.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("class is 3, allowed are 0 to 2");
        }
    }

    @Test
    void filesThatAreNoCheckpointsAreRefused() throws IOException {
        Path good = TinyNetwork.save(folder.resolve("good.safetensors"));
        byte[] bytes = Files.readAllBytes(good);
        Path truncated = Files.write(folder.resolve("short.safetensors"), Arrays.copyOf(bytes, bytes.length - 10));
        Path text = Files.writeString(folder.resolve("text"), "just text, long enough");
        Path foreign = folder.resolve("foreign.safetensors");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(foreign, Map.of("w", Tensors.zeros(DType.F32, 2)), Map.of());
        }

        assertRefused(folder.resolve("none.safetensors"), "does not exist or is not a file");
        assertRefused(folder, "does not exist or is not a file");
        assertRefused(truncated, "truncated?");
        assertRefused(text, "is neither a safetensors nor a PyTorch file");
        assertRefused(
                foreign, "its tensors are of no network that is known: it has no tensor 'x_embedder.proj.weight'");
    }

    @Test
    void aMismatchNamesTheTensorAndBothShapes() throws IOException {
        assertRefused(
                write(TinyNetwork.config(1), tensors -> tensors.remove(QKV), Map.of()),
                "the checkpoint lacks tensor '" + QKV + "' of shape [48, 16]");
        assertRefused(
                write(TinyNetwork.config(1), tensors -> tensors.put(QKV, Tensors.zeros(DType.F32, 48, 15)), Map.of()),
                "tensor '" + QKV + "' of the checkpoint has shape [48, 15], expected is [48, 16]");
        assertRefused(
                write(TinyNetwork.config(1), tensors -> tensors.put("extra", Tensors.zeros(DType.F32, 1)), Map.of()),
                "tensor 'extra' belongs to no layer of its network");
    }

    @Test
    void badDescriptionsAreRefused() throws IOException {
        String config = new JsonMapper().writeValueAsString(TinyNetwork.config(1));
        assertRefused(config("no JSON"), "its 'config' is not one of a network");
        assertRefused(
                config(config.replace("\"heads\":2", "\"heads\":3")),
                "model.width is 16, allowed is a multiple of 4 and of heads 3");
        assertRefused(config(config.replace("\"depth\":1", "\"depth\":2")), "lacks tensor 'blocks.1.");
        assertRefused(
                write(TinyNetwork.config(1), tensors -> {}, Map.of("transport", "{\"path\":\"curved\"}")),
                "its 'transport' cannot be read: path is 'curved', allowed are linear, gvp and vp");
    }

    @Test
    void latentsHaveNoPicturesYet() throws IOException {
        assertRefused(
                TinyNetwork.save(folder.resolve("latent"), TinyNetwork.config(4), Transport.LINEAR_VELOCITY),
                "the network works on 4 channels, which the pixel codec turns into 4; a picture has 1 (grey) or 3");
    }

    @Test
    void weightsThatAreNotFiniteAreRefused() throws IOException {
        Path file =
                write(TinyNetwork.config(1), tensors -> tensors.put(QKV, Tensors.full(Double.NaN, 48, 16)), Map.of());
        assertRefused(file, "tensor '" + QKV + "' has 768 numbers that are not finite, of 768");
    }

    @Test
    void damagedFilesAreRefused() throws IOException {
        Path file = TinyNetwork.save(folder.resolve("tiny"), TinyNetwork.config(1), Transport.LINEAR_VELOCITY);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 2] ^= 1;
        Files.write(file, bytes);
        assertRefused(file, " is damaged: the numbers of tensor '");
    }

    @Test
    void statesThatAreNotFiniteEndTheRunWithAMessage() throws IOException {
        Path file = write(TinyNetwork.config(1), tensors -> tensors.put(QKV, Tensors.full(3e38, 48, 16)), Map.of());
        List<SamplerConfig> samplers = List.of(
                OdeConfig.of(OdeSolver.EULER, 4), OdeConfig.of(OdeSolver.DOPRI5, 4), SdeConfig.of(SdeSolver.EULER, 4));

        try (ImageGenerator generator = open(file)) {
            for (SamplerConfig sampler : samplers) {
                GenerationSettings settings = TinyNetwork.settings(sampler, Guidance.NONE, TinyNetwork.MANY);
                assertThatThrownBy(() -> generator.generate(
                                List.of(new ImageRequest(0, 0)), generator.plan(settings), GenerationObserver.NONE))
                        .as(sampler.summary())
                        .isInstanceOf(SamplingException.class)
                        .hasMessageContaining("not finite")
                        .hasMessageNotContaining("\n");
            }
        }
    }

    private void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> open(file).close())
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }

    private static ImageGenerator open(Path file) throws IOException {
        return ImageGenerator.open(file, Weights.EMA, DType.F32);
    }

    private static List<dev.mediator.image.Picture> picture(Path file, Weights weights) throws IOException {
        try (ImageGenerator generator = ImageGenerator.open(file, weights, DType.F32)) {
            return generator
                    .generate(List.of(new ImageRequest(1, 3)), generator.plan(SETTINGS), GenerationObserver.NONE)
                    .pictures();
        }
    }

    private Path config(String config) throws IOException {
        return write(TinyNetwork.config(1), tensors -> {}, Map.of("config", config));
    }

    /** Writes the tiny network with changed tensors and metadata. */
    private Path write(SitConfig config, Consumer<Map<String, Tensor>> change, Map<String, String> metadata)
            throws IOException {
        Path file = Files.createTempFile(folder, "changed", ".safetensors");
        try (Scope scope = Scope.open();
                Sit sit = TinyNetwork.create(config)) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(sit.parameters());
            change.accept(tensors);
            JsonMapper json = new JsonMapper();
            Map<String, String> all = new LinkedHashMap<>(new SitCheckpoint(
                            config,
                            TinyNetwork.CLASSES,
                            json.valueToTree(Transport.LINEAR_VELOCITY),
                            json.createObjectNode())
                    .metadata());
            all.putAll(metadata);
            SafeTensorsWriter.write(file, tensors, all);
        }
        return file;
    }
}
