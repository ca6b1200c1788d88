package dev.mediator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.data.ImageShape;
import dev.mediator.training.AutoencoderTrainConfig;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConfigsTest {
    private static final Path CONFIGS = Path.of("..", "configs");

    @Test
    void everyConfigurationThatShipsIsValidAndItsNetworkCanBeBuilt() throws IOException {
        for (Path file : networks()) {
            TrainConfig config = ConfigTree.read(file).toConfig();
            int size = config.data().imageSize() / factor(config);
            assertThat(config.model()
                            .resolve(new ImageShape(config.data().channels(), size, size), 10)
                            .grid())
                    .as(file.toString())
                    .isEqualTo(size / 2);
        }
    }

    @Test
    void everyStageStartsFromTheModelOfAnotherConfiguration() throws IOException {
        List<String> runs = networks().stream()
                .map(file -> "runs/" + file.getFileName().toString().replace(".json", "") + "/model.safetensors")
                .toList();
        for (Path file : networks()) {
            String initFrom = ConfigTree.read(file).toConfig().initFrom();
            if (initFrom != null) {
                assertThat(runs).as(file.toString()).contains(initFrom);
            }
        }
    }

    /** By how much the side of a latent is smaller than that of its image: its autoencoder has a configuration, too. */
    private static int factor(TrainConfig config) throws IOException {
        if (config.codec() == null) {
            return 1;
        }
        assertThat(config.codec()).matches("runs/[a-z0-9-]+-autoencoder/codec");
        Path file = CONFIGS.resolve(config.codec().replaceFirst("runs/(.*)/codec", "$1") + ".json");
        AutoencoderTrainConfig autoencoder =
                ConfigTree.of(AutoencoderTrainConfig.defaults()).overlay(file).to(AutoencoderTrainConfig.class);
        assertThat(autoencoder.data().shape()).isEqualTo(config.data().shape());
        return 1 << (autoencoder.network().blockOutChannels().size() - 1);
    }

    @Test
    void everyAutoencoderThatShipsIsValid() throws IOException {
        for (Path file : configs()) {
            if (isAutoencoder(file)) {
                ConfigTree.of(AutoencoderTrainConfig.defaults()).overlay(file).to(AutoencoderTrainConfig.class);
            }
        }
    }

    private static List<Path> networks() throws IOException {
        return configs().stream().filter(file -> !isAutoencoder(file)).toList();
    }

    private static boolean isAutoencoder(Path file) {
        return file.toString().endsWith("-autoencoder.json");
    }

    private static List<Path> configs() throws IOException {
        try (Stream<Path> files = Files.list(CONFIGS)) {
            List<Path> found = files.filter(f -> f.toString().endsWith(".json")).toList();
            assertThat(found).isNotEmpty();
            return found;
        }
    }
}
