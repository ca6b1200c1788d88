package dev.mediator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.TensorDigest;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutoencoderFolderTest {
    @TempDir
    private Path temporary;

    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        AutoencoderConfig config = new AutoencoderConfig(1, 1, 2, List.of(4, 8), 1, 2, 32, 0.75);
        AutoencoderFolder folder = new AutoencoderFolder(temporary.resolve("codec"));
        try (Autoencoder fresh = Autoencoder.fresh(config, 3)) {
            folder.write(config, fresh.parameters(), Map.of("provenance", "a test"));
        }

        assertThat(folder.config()).isEqualTo(config);
        assertThat(Files.readString(folder.configFile())).contains("\"_class_name\" : \"AutoencoderKL\"");
        try (Autoencoder fresh = Autoencoder.fresh(config, 3);
                AutoencoderCodec read = AutoencoderCodec.open(folder.path(), Placement.cpu(DType.F32))) {
            Tensor latents = Tensors.full(0.5, 1, 2, 3, 3);
            assertThat(Tensors.relativeError(read.decode(latents), fresh.decode(latents.div(Tensors.full(0.75, 1)))))
                    .isLessThan(1e-6);
        }
    }

    @Test
    void theFingerprintIsThatOfWeightsAndFactorNotOfTheFile() throws IOException {
        AutoencoderFolder original = GoldenAutoencoder.FOUR_LEVELS.folder();
        String fingerprint;
        try (AutoencoderCodec codec = GoldenAutoencoder.FOUR_LEVELS.codec(DType.F32);
                AutoencoderCodec half = GoldenAutoencoder.FOUR_LEVELS.codec(DType.BF16)) {
            fingerprint = codec.fingerprint();
            assertThat(fingerprint).matches("[0-9a-f]{64}").isEqualTo(half.fingerprint());
        }
        try (SafeTensors file = SafeTensors.open(original.weightsFile())) {
            assertThat(fingerprint(original.config(), file.all())).isEqualTo(fingerprint);
            assertThat(fingerprint(original.config().withScalingFactor(0.2), file.all()))
                    .isNotEqualTo(fingerprint);
        }
    }

    /** The weights are the same, the function is not. */
    @Test
    void theFingerprintIsThatOfTheNormalisationToo() throws IOException {
        AutoencoderConfig four = new AutoencoderConfig(1, 1, 2, List.of(8, 8), 1, 4, 32, 0.75);
        AutoencoderConfig eight = new AutoencoderConfig(1, 1, 2, List.of(8, 8), 1, 8, 32, 0.75);
        try (Autoencoder fresh = Autoencoder.fresh(four, 3)) {
            assertThat(fingerprint(four, fresh.parameters())).isNotEqualTo(fingerprint(eight, fresh.parameters()));
        }
    }

    /** Latents and networks of earlier versions say a fingerprint without the normalisation. */
    @Test
    void formerFingerprintsAreKnown() throws IOException {
        AutoencoderConfig config = new AutoencoderConfig(1, 1, 2, List.of(8, 8), 1, 4, 32, 0.75);
        AutoencoderFolder folder = new AutoencoderFolder(temporary.resolve("former"));
        try (Autoencoder fresh = Autoencoder.fresh(config, 3)) {
            folder.write(config, fresh.parameters(), Map.of());
        }
        Map<String, Tensor> identifying = new LinkedHashMap<>();
        try (SafeTensors file = SafeTensors.open(folder.weightsFile())) {
            identifying.putAll(file.all());
        }
        identifying.put("scaling_factor", Tensors.full(0.75, 1));
        String former = TensorDigest.sha256(identifying);
        try (AutoencoderCodec codec =
                new CodecReference(folder.path().toString(), former).open(Placement.cpu(DType.F32))) {
            assertThat(codec.fingerprint()).isNotEqualTo(former);
        }
    }

    private String fingerprint(AutoencoderConfig config, Map<String, Tensor> tensors) throws IOException {
        AutoencoderFolder folder = new AutoencoderFolder(temporary.resolve("copy"));
        folder.write(config, tensors, Map.of());
        try (AutoencoderCodec codec = AutoencoderCodec.open(folder.path(), Placement.cpu(DType.F32))) {
            return codec.fingerprint();
        }
    }

    @Test
    void thePublishedConfigurationHasThePublishedSize() throws IOException {
        Files.writeString(temporary.resolve("config.json"), """
                {"_class_name": "AutoencoderKL", "_diffusers_version": "0.4.2", "act_fn": "silu",
                 "block_out_channels": [128, 256, 512, 512],
                 "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
                 "in_channels": 3, "latent_channels": 4, "layers_per_block": 2, "norm_num_groups": 32,
                 "out_channels": 3, "sample_size": 256,
                 "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"]}
                """);

        assertThat(new AutoencoderFolder(temporary).config()).isEqualTo(AutoencoderConfig.STABLE_DIFFUSION);
        assertThat(AutoencoderConfig.STABLE_DIFFUSION.factor()).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"act_fn\": \"silu\" | \"act_fn\": \"relu\" | its 'act_fn' is \"relu\", only silu can be computed",
                "\"act_fn\": \"silu\" | \"shift_factor\": 0.1 | its field 'shift_factor' is not known",
                "\"act_fn\": \"silu\" | \"use_quant_conv\": false | its 'use_quant_conv' is false",
                "AutoencoderKL | VQModel | its '_class_name' is \"VQModel\", only AutoencoderKL",
                "DownEncoderBlock2D | AttnDownEncoderBlock2D | its 'down_block_types' is",
                "\"norm_num_groups\": 4 | \"norm_num_groups\": 3 | blockOutChannels is 4, allowed is a multiple of",
                "\"latent_channels\": 4 | \"latent_channels\": 0.5 | its 'latent_channels' is 0.5, expected is an integer",
                "\"in_channels\": 3 | \"in_channels\": 4 | inChannels is 4, allowed is 1 (grey) or 3 (colour)",
                "\"act_fn\": \"silu\" | \"act_fn\" \"silu\" | it is not JSON",
            })
    void anotherNetworkIsRefusedByTheFieldThatMakesItOne(String there, String instead, String message)
            throws IOException {
        String config = Files.readString(GoldenAutoencoder.FOUR_LEVELS.folder().configFile());
        Files.writeString(temporary.resolve("config.json"), config.replace(there.strip(), instead.strip()));

        assertThatThrownBy(() -> new AutoencoderFolder(temporary).config())
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(temporary.resolve("config.json") + " does not describe a usable autoencoder: ")
                .hasMessageContaining(message.strip())
                .hasMessageNotContaining("\n");
    }

    @Test
    void missingFilesAndTensorsAreNamed() throws IOException {
        AutoencoderFolder original = GoldenAutoencoder.FOUR_LEVELS.folder();
        AutoencoderFolder folder = new AutoencoderFolder(temporary);
        assertRefused(folder, temporary + " is not the folder of an autoencoder: it has no config.json");

        Files.copy(original.configFile(), folder.configFile());
        assertRefused(folder, temporary + " has none of the files diffusion_pytorch_model.safetensors");

        try (SafeTensors file = SafeTensors.open(original.weightsFile())) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(file.all());
            tensors.put("loss.discriminator", Tensors.full(1, 1));
            SafeTensorsWriter.write(folder.weightsFile(), tensors, Map.of());
            assertRefused(folder, "tensor 'loss.discriminator' belongs to no layer");
            tensors.remove("loss.discriminator");
            tensors.remove("decoder.conv_in.bias");
            SafeTensorsWriter.write(folder.weightsFile(), tensors, Map.of());
            assertRefused(folder, "lacks tensor 'decoder.conv_in.bias' of shape [8]");
        }
    }

    private static void assertRefused(AutoencoderFolder folder, String message) {
        assertThatThrownBy(() -> AutoencoderCodec.open(folder.path(), Placement.cpu(DType.F32)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }
}
