package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.codec.AutoencoderCodec;
import dev.mediator.codec.AutoencoderFolder;
import dev.mediator.data.ImageDataset;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoencoderTrainerTest {
    @TempDir
    private Path folder;

    private int threads;

    @BeforeEach
    void oneThread() {
        threads = Engine.threads();
        Engine.start(1);
    }

    @AfterEach
    void allThreads() {
        Engine.start(threads);
    }

    @Test
    void learnsToGiveImagesBackFromLatentsOfVarianceOne() throws IOException {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        AutoencoderTrainConfig config =
                TinyAutoencoder.training("steps=250", "batchSize=16", "checkpointEvery=125", "sampleEvery=125");
        AutoencoderScore score = train(run, config);

        double[] losses = TinyTraining.losses(run);
        assertThat(losses[0]).isGreaterThan(0.5);
        assertThat(losses[249]).isLessThan(0.15);
        assertThat(score.images()).isEqualTo(100); // the excerpt's test split
        assertThat(score.absoluteError()).isLessThan(0.06);
        assertThat(score.psnr()).isGreaterThan(20);
        assertThat(run.sampleSheet(125)).exists();
        assertThat(run.lossPlot()).exists();
        assertThat(latentDeviation(run.codec(), config)).isCloseTo(1, within(0.1));
    }

    private static double latentDeviation(Path codecFolder, AutoencoderTrainConfig config) throws IOException {
        ImageDataset images = config.data().open();
        float[] pixels = new float[100 * 64];
        List<RandomStream> streams = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            System.arraycopy(images.load(i, false), 0, pixels, i * 64, 64);
            streams.add(new RandomStream(0, i));
        }
        try (Scope scope = Scope.open();
                AutoencoderCodec codec = AutoencoderCodec.open(codecFolder, Placement.cpu(DType.F32))) {
            Tensor latents = codec.encode(Tensors.of(pixels, 100, 1, 8, 8), streams);
            return Tensors.scalar(latents.std());
        }
    }

    @Test
    void aResumedRunIsTheUninterruptedOne() throws IOException {
        RunDirectory whole = new RunDirectory(folder.resolve("whole"));
        train(whole, TinyAutoencoder.training());

        RunDirectory run = new RunDirectory(folder.resolve("stopped"));
        TrainingListener stop = new TrainingListener() {
            @Override
            public void onStep(long step, long totalSteps) {
                if (step == 7) {
                    throw new CancellationException();
                }
            }
        };
        try (AutoencoderTrainer trainer =
                AutoencoderTrainer.start(TinyAutoencoder.training(), ComputeDevice.CPU, run, stop)) {
            assertThatThrownBy(trainer::run).isInstanceOf(CancellationException.class);
        }
        assertThat(run.codec()).doesNotExist();
        try (AutoencoderTrainer trainer = AutoencoderTrainer.resume(
                run, List.of("keepCheckpoints=2"), ComputeDevice.CPU, new TrainingListener() {})) {
            assertThat(trainer.step()).isEqualTo(7);
            trainer.run();
        }

        assertThat(TinyTraining.checksums(run.checkpoint(20))).isEqualTo(TinyTraining.checksums(whole.checkpoint(20)));
        assertThat(run.checkpoints()).hasSize(2);
        Path weights = new AutoencoderFolder(run.codec()).weightsFile();
        assertThat(TinyTraining.checksums(weights))
                .isEqualTo(TinyTraining.checksums(new AutoencoderFolder(whole.codec()).weightsFile()));
    }

    @Test
    void bf16LearnsToo() throws IOException {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        train(run, TinyAutoencoder.training("dtype=BF16", "steps=60"));

        double[] losses = TinyTraining.losses(run);
        assertThat(losses[59]).isLessThan(0.6 * losses[0]);
    }

    @Test
    void wrongSettingsAndDirectoriesAreRefused() throws IOException {
        assertThatThrownBy(() -> TinyAutoencoder.training("network.blockOutChannels=[4,8,8,8,8]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("data.imageSize is 8, allowed for 5 levels are multiples of 16");
        assertThatThrownBy(() -> TinyAutoencoder.training("network.normNumGroups=3"))
                .hasMessage("autoencoder.blockOutChannels is 4, allowed is a multiple of normNumGroups 3");
        assertThatThrownBy(() -> TinyAutoencoder.training("divergenceWeight=-1"))
                .hasMessage("divergenceWeight is -1.0, allowed is 0 to 1");
        assertThatThrownBy(() -> TinyAutoencoder.training("labelDropout=0.1"))
                .hasMessageStartingWith("unknown field 'labelDropout'");

        RunDirectory run = new RunDirectory(folder);
        assertThatThrownBy(
                        () -> AutoencoderTrainer.resume(run, List.of(), ComputeDevice.CPU, new TrainingListener() {}))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        folder
                                + " holds no training to resume: there is neither a config.json nor a checkpoints/step-*.safetensors");
        Files.writeString(run.config(), ConfigTree.toJson(TinyAutoencoder.training()));
        assertThatThrownBy(() -> AutoencoderTrainer.resume(
                        run, List.of("divergenceWeight=0"), ComputeDevice.CPU, new TrainingListener() {}))
                .hasMessageContaining("'divergenceWeight' decides what is trained");
        Files.createDirectories(run.checkpoint(5).getParent());
        Files.createFile(run.checkpoint(5));
        assertThatThrownBy(() -> AutoencoderTrainer.start(
                        TinyAutoencoder.training(), ComputeDevice.CPU, run, new TrainingListener() {}))
                .hasMessageStartingWith(folder + " holds a training already");
    }

    private static AutoencoderScore train(RunDirectory run, AutoencoderTrainConfig config) throws IOException {
        try (AutoencoderTrainer trainer =
                AutoencoderTrainer.start(config, ComputeDevice.CPU, run, new TrainingListener() {})) {
            return trainer.run();
        }
    }
}
