package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.AutoencoderCodec;
import dev.mediator.codec.Posterior;
import dev.mediator.data.DataConfig;
import dev.mediator.data.ImageDataset;
import dev.mediator.data.LatentDataset;
import dev.mediator.data.LatentDescription;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on latents that were encoded before, and on the fly. */
class LatentTrainingTest {
    private static final int PER_FILE = 70; // 200 images: 70, 70 and 60

    @TempDir
    private Path folder;

    private Path codec;
    private Path latents;

    @BeforeEach
    void writeCodec() throws IOException {
        codec = TinyAutoencoder.write(folder.resolve("codec"), 1);
        latents = folder.resolve("latents");
    }

    private TrainConfig config(String... more) {
        String[] all = new String[more.length + 4];
        all[0] = "data.flip=true";
        all[1] = "codec=" + codec;
        all[2] = "batchSize=16";
        all[3] = "steps=10";
        System.arraycopy(more, 0, all, 4, more.length);
        return TinyTraining.config(all);
    }

    private int encode(DataConfig data) throws IOException {
        try (LatentEncoder encoder = LatentEncoder.open(data, codec, ComputeDevice.CPU, PER_FILE)) {
            List<Integer> missing = encoder.missing(latents);
            for (int file : missing) {
                encoder.encode(latents, file, images -> {});
            }
            encoder.finish(latents);
            return missing.size();
        }
    }

    @Test
    void latentsOfAnotherCodecAndAnotherIndexAreNoticed() throws IOException {
        encode(config().data());
        Path others = folder.resolve("others");
        Files.move(latents, others);
        codec = TinyAutoencoder.write(folder.resolve("codec2"), 2);
        encode(config().data());
        String name = "latents-00001.safetensors";
        Path sound = folder.resolve(name);
        Files.copy(latents.resolve(name), sound);

        Files.copy(others.resolve(name), latents.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        assertThatIOException()
                .isThrownBy(() -> LatentDataset.open(latents))
                .withMessageStartingWith(latents.resolve(name) + " is not the file that ");

        Files.copy(sound, latents.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        LatentDataset.open(latents);
        Path index = LatentDescription.index(latents);
        String text = Files.readString(index);
        Files.writeString(index, text.replace("classNames\\\":[\\\"", "classNames\\\":[\\\"un"));
        assertThat(Files.readString(index)).isNotEqualTo(text);
        assertThatIOException()
                .isThrownBy(() -> LatentDataset.open(latents))
                .withMessageStartingWith(index + " is damaged");
    }

    @Test
    void storedMomentsAreThoseOfTheCodec() throws IOException {
        DataConfig data = config().data();
        assertThat(encode(data)).isEqualTo(3);

        ImageDataset images = data.open();
        LatentDataset stored = LatentDataset.open(latents);
        assertThat(stored.size()).isEqualTo(200);
        assertThat(stored.classNames()).isEqualTo(images.classNames());
        assertThat(stored.shape().sizes()).containsExactly(4, 4, 4);
        try (Scope scope = Scope.open();
                AutoencoderCodec opened = AutoencoderCodec.open(codec, Placement.cpu(DType.F32))) {
            for (int index : new int[] {0, 69, 70, 199}) {
                assertThat(stored.label(index)).isEqualTo(images.label(index));
                for (boolean flip : new boolean[] {false, true}) {
                    Posterior posterior = opened.posterior(Tensors.of(images.load(index, flip), 1, 1, 8, 8));
                    assertThat(Tensors.relativeError(
                                    Tensors.of(stored.load(index, flip), 1, 4, 4, 4), posterior.stacked()))
                            .isLessThan(1e-5);
                }
            }
        }
    }

    @Test
    void filesThatAreCutOffWhileTheyAreInUseAreNamed() throws IOException {
        encode(config().data());
        LatentDataset stored = LatentDataset.open(latents);
        Path second = stored.description().file(latents, 1);
        try (FileChannel channel = FileChannel.open(second, StandardOpenOption.WRITE)) {
            channel.truncate(100);
        }

        assertThat(stored.load(0, false)).hasSize(64);
        assertThatIOException()
                .isThrownBy(() -> stored.load(70, false))
                .withMessageStartingWith(second + " was cut off after it was opened: it has 100 bytes, ");
    }

    @Test
    void aDamagedIndexIsNoticed() throws IOException {
        encode(config().data());
        Path index = LatentDescription.index(latents);
        Files.writeString(index, Files.readString(index).replaceFirst("labels.00000", "labels.00001"));

        assertThatIOException()
                .isThrownBy(() -> LatentDataset.open(latents))
                .withMessageStartingWith(index + " is damaged: its content is not what its checksum says");
    }

    @Test
    void trainingOnThemIsTrainingOnTheFly() throws IOException {
        encode(config().data());
        RunDirectory onTheFly = TinyTraining.train(folder.resolve("on-the-fly"), config());
        RunDirectory stored = TinyTraining.train(folder.resolve("stored"), config("latents=" + latents));

        double[] expected = TinyTraining.losses(onTheFly);
        assertThat(expected).hasSize(10);
        assertThat(TinyTraining.losses(stored)).containsExactly(expected, within(1e-5));
        assertThat(TinyTraining.difference(stored.model(), onTheFly.model(), "blocks."))
                .isLessThan(1e-4);
    }

    @Test
    void theTrainedNetworkKnowsItsCodec() throws IOException {
        encode(config().data());
        RunDirectory run = TinyTraining.train(
                folder.resolve("run"), config("latents=" + latents, "codec=null", "sampleEvery=10", "steps=10"));

        assertThat(run.sampleSheet(10)).exists();
        try (ImageGenerator generator = ImageGenerator.open(run.model(), Weights.EMA, DType.F32)) {
            assertThat(generator.config().inChannels()).isEqualTo(2);
            assertThat(generator.codec().imageShape(2, 4, 4)).containsExactly(1, 8, 8);
        }
        TinyAutoencoder.write(codec, 2);
        assertThatThrownBy(() -> ImageGenerator.open(run.model(), Weights.EMA, DType.F32))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        run.model() + ": " + codec + " is another autoencoder than the one of the latents");
    }

    @Test
    void anEncodingThatWasInterruptedGoesOn() throws IOException {
        DataConfig data = config().data();
        try (LatentEncoder encoder = LatentEncoder.open(data, codec, ComputeDevice.CPU, PER_FILE)) {
            encoder.encode(latents, 0, images -> {});
            assertThatThrownBy(() -> encoder.encode(latents, 1, images -> {
                        throw new CancellationException();
                    }))
                    .isInstanceOf(CancellationException.class);
            assertThat(encoder.missing(latents)).containsExactly(1, 2);
        }
        assertThatThrownBy(() -> LatentDataset.open(latents))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds no latents, or not yet all of them");
        Path first = latents.resolve("latents-00000.safetensors");
        FileTime before = Files.getLastModifiedTime(first);
        assertThat(encode(data)).isEqualTo(2);
        assertThat(Files.getLastModifiedTime(first)).isEqualTo(before);
        assertThat(encode(data)).isZero();
    }

    @Test
    void latentsOfAnotherCodecOrCropAreRefused() throws IOException {
        DataConfig data = config().data();
        encode(data);
        String key = LatentDataset.open(latents).description().key();

        assertThatThrownBy(() -> encode(data.withFlip(false)))
                .hasMessageContaining("of another codec or of other images");
        codec = TinyAutoencoder.write(folder.resolve("other"), 2);
        assertThatThrownBy(() -> encode(data)).hasMessageContaining("of another codec or of other images");
        assertThatThrownBy(() -> train(config("latents=" + latents)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(codec + " is another autoencoder");
        assertThatThrownBy(() -> train(config("latents=" + latents, "codec=null", "data.imageSize=16")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("those of other images than data describes");
        assertThat(LatentDataset.open(latents).description().key()).isEqualTo(key);
    }

    @Test
    void withoutMirrorImagesTheyServeTrainingsWithoutThem() throws IOException {
        encode(config().data().withFlip(false));

        train(config("latents=" + latents, "data.flip=false", "steps=1"));
        assertThatThrownBy(() -> train(config("latents=" + latents))).hasMessageContaining("of other images");
    }

    @Test
    void aFolderThatIsMovedIsTheSame() throws IOException {
        encode(config().data());
        Path moved = Files.move(latents, folder.resolve("moved"));
        Path codecMoved = Files.move(codec, folder.resolve("codec-moved"));

        train(config("latents=" + moved, "codec=" + codecMoved, "steps=1"));
        assertThat(LatentDescription.index(moved)).exists();
    }

    @Test
    void aResumedRunKeepsItsCodec() throws IOException {
        TrainConfig config = config("checkpointEvery=5", "steps=5");
        RunDirectory run = TinyTraining.train(folder.resolve("run"), config);
        TinyAutoencoder.write(codec, 2);

        assertThatThrownBy(() -> Trainer.resume(run, List.of("steps=6"), new TrainingListener() {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was trained on latents of another codec");
    }

    private void train(TrainConfig config) throws IOException {
        Path target = Files.createTempDirectory(folder, "training").resolve("run");
        TinyTraining.train(target, config);
    }
}
