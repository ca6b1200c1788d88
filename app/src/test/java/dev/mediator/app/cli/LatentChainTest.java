package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Train an autoencoder, encode, train on the latents, sample pictures. */
class LatentChainTest {
    @TempDir
    private Path folder;

    private Path autoencoder;
    private Path latent;

    @BeforeEach
    void writeConfigurations() throws IOException {
        autoencoder = Files.writeString(folder.resolve("autoencoder.json"), """
                {
                  "steps": 30,
                  "batchSize": 8,
                  "warmupSteps": 2,
                  "emaDecay": 0.8,
                  "checkpointEvery": 10,
                  "network": {"latentChannels": 2, "blockOutChannels": [4, 8], "layersPerBlock": 1, "normNumGroups": 2},
                  "data": {"imageSize": 16, "path": "%s"}
                }
                """.formatted(TinyTraining.EXCERPT));
        latent = Files.writeString(
                folder.resolve("latent.json"), """
                {
                  "steps": 10,
                  "batchSize": 8,
                  "dtype": "F32",
                  "codec": "%s",
                  "model": {"width": 16, "depth": 1, "heads": 2, "mediators": [4, "full"]},
                  "data": {"imageSize": 16, "path": "%s", "flip": true}
                }
                """.formatted(folder.resolve("vae/codec"), TinyTraining.EXCERPT));
    }

    @Test
    void fromImagesToPicturesThroughLatents() throws IOException {
        JsonNode trained = ok("train-autoencoder", autoencoder, "--run", folder.resolve("vae"));
        assertThat(trained.path("step").intValue()).isEqualTo(30);
        assertThat(trained.path("codec").stringValue())
                .isEqualTo(folder.resolve("vae/codec").toString());
        assertThat(trained.path("scalingFactor").doubleValue()).isPositive();
        assertThat(trained.path("score").path("images").intValue()).isEqualTo(100);
        assertThat(trained.path("score").path("psnr").doubleValue()).isGreaterThan(5);

        Path latents = folder.resolve("latents");
        JsonNode encoded = ok("encode", latent, "--out", latents);
        assertThat(encoded.path("images").intValue()).isEqualTo(200);
        assertThat(encoded.path("flips").intValue()).isEqualTo(2);
        assertThat(encoded.path("latentShape").toString()).isEqualTo("[2,8,8]");
        assertThat(encoded.path("filesMade").intValue()).isEqualTo(1);
        assertThat(ok("encode", latent, "--out", latents).path("filesMade").intValue())
                .isZero();

        Path run = folder.resolve("run");
        assertThat(ok("train", latent, "--run", run, "--set", "latents=" + latents)
                        .path("step")
                        .intValue())
                .isEqualTo(10);

        Path model = run.resolve("model.safetensors");
        JsonNode sampled = sample(model, folder.resolve("named"));
        Picture picture =
                PictureFile.read(Path.of(sampled.path("images").path(0).stringValue()));
        assertThat(picture.width()).isEqualTo(16);
        assertThat(picture.channels()).isEqualTo(1);
        String record = Files.readString(Path.of(sampled.path("record").stringValue()));
        assertThat(record).contains("\"codec\" : \"" + encoded.path("codec").stringValue());

        JsonNode again = sample(model, folder.resolve("given"), "--codec", folder.resolve("vae/codec"));
        assertThat(Path.of(again.path("images").path(0).stringValue()))
                .hasSameBinaryContentAs(Path.of(sampled.path("images").path(0).stringValue()));
        anotherAutoencoderIsTold(model);
    }

    /** It may have the same encoder, so it is taken; the same one is not talked of. */
    private void anotherAutoencoderIsTold(Path model) throws IOException {
        Path other = Files.createDirectories(folder.resolve("other"));
        for (String name : List.of("config.json", "diffusion_pytorch_model.safetensors")) {
            Files.copy(folder.resolve("vae/codec").resolve(name), other.resolve(name));
        }
        Path config = other.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceAll("(norm_num_groups\\W+)\\d+", "$1" + "1"));
        Object[] words = {"sample", "--model", model, "--classes", "7", "--count", 1, "--points", 3};

        CliRun told = CliRun.of(with(words, "--codec", other, "--out", folder.resolve("told")));
        CliRun same = CliRun.of(with(words, "--codec", folder.resolve("vae/codec"), "--out", folder.resolve("same")));

        assertThat(told.exitCode()).as(told.err()).isZero();
        assertThat(told.err())
                .contains("warning: " + model
                        + " was trained on latents of another autoencoder: the fingerprint of that is ");
        assertThat(same.err()).doesNotContain("another autoencoder");
    }

    private static Object[] with(Object[] words, Object... more) {
        return Stream.concat(Arrays.stream(words), Arrays.stream(more)).toArray();
    }

    private static JsonNode sample(Path model, Path out, Object... more) {
        Object[] words = {"sample", "--model", model, "--out", out, "--classes", "7", "--count", 1, "--points", 3};
        return ok(with(words, more));
    }

    @Test
    void aLatentModelWithoutItsAutoencoderIsRefused() throws IOException {
        Path model = TinyCheckpoint.write(
                folder.resolve("latent.safetensors"), TinyCheckpoint.config(4, 3), TinyCheckpoint.CLASSES, t -> {});

        CliRun run = CliRun.of("sample", "--model", model, "--out", folder.resolve("out"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("works on 4 channels").contains("--codec DIR");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void encodeNeedsACodecAndTrainAutoencoderItsOwnFields() {
        CliRun encode = CliRun.of("encode", latent, "--set", "codec=null");
        assertThat(encode.exitCode()).isEqualTo(2);
        assertThat(encode.err()).contains("codec is null in " + latent + ", expected is the folder of an autoencoder");

        CliRun missing = CliRun.of("encode", latent);
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).contains(folder.resolve("vae/codec") + " is not the folder of an autoencoder");

        CliRun train = CliRun.of("train-autoencoder", latent, "--run", folder.resolve("vae"));
        assertThat(train.exitCode()).isEqualTo(2);
        assertThat(train.err()).contains("unknown field");
        assertThat(folder.resolve("vae")).doesNotExist();
    }

    private static JsonNode ok(Object... words) {
        CliRun run = CliRun.of(Stream.concat(Arrays.stream(words), Stream.of("--json", "--threads", 1))
                .toArray());
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.json();
    }
}
