package dev.mediator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.data.ImageShape;
import dev.mediator.experiment.ExperimentConfig;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConfigsTest {
    private static final Path EXPERIMENTS = Path.of("..", "experiments", "fashion");
    private static final Path CONFIGS = Path.of("..", "configs");

    @Test
    void everyConfigurationThatShipsIsValidAndItsNetworkCanBeBuilt() throws IOException {
        for (Path file : configs()) {
            TrainConfig config = ConfigTree.read(file).toConfig();
            int size = config.data().imageSize();
            assertThat(config.model()
                            .resolve(new ImageShape(config.data().channels(), size, size), 10)
                            .grid())
                    .as(file.toString())
                    .isEqualTo(size / 2);
        }
    }

    @Test
    void everyStageStartsFromTheModelOfAnotherConfiguration() throws IOException {
        List<String> runs = configs().stream()
                .map(file -> "runs/" + file.getFileName().toString().replace(".json", "") + "/model.safetensors")
                .toList();
        for (Path file : configs()) {
            String initFrom = ConfigTree.read(file).toConfig().initFrom();
            if (initFrom != null) {
                assertThat(runs).as(file.toString()).contains(initFrom);
            }
        }
    }

    @Test
    void everyExperimentThatShipsCanBeRun() throws IOException {
        for (String name : List.of("reduced.json", "full.json")) {
            ExperimentConfig experiment = ExperimentConfig.read(EXPERIMENTS.resolve(name));
            assertThat(experiment.runs())
                    .extracting(ExperimentConfig.Run::name)
                    .containsExactly("softmax", "n=4", "n=16", "n=64", "elastic");
            assertThat(experiment.scoring().seeds()).hasSize(3);
        }
        ExperimentConfig resolution = ExperimentConfig.read(EXPERIMENTS.resolve("resolution.json"));
        assertThat(resolution.runs()).extracting(run -> run.stages().size()).containsExactly(2, 1, 1);
        ExperimentConfig warm = ExperimentConfig.read(EXPERIMENTS.resolve("warm-start.json"));
        assertThat(warm.runs())
                .extracting(run -> run.last().initFrom())
                .containsOnly(null, "runs/fashion-reduced/runs/softmax/2/model.safetensors");
    }

    private static List<Path> configs() throws IOException {
        try (Stream<Path> files = Files.list(CONFIGS)) {
            List<Path> found = files.filter(f -> f.toString().endsWith(".json")).toList();
            assertThat(found).isNotEmpty();
            return found;
        }
    }
}
