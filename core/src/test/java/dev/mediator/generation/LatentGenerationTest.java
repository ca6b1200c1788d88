package dev.mediator.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.Autoencoder;
import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.codec.AutoencoderFolder;
import dev.mediator.image.Picture;
import dev.mediator.model.Guidance;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that work on latents. */
class LatentGenerationTest {
    @TempDir
    private Path folder;

    @Test
    void theCodecMakesPicturesOfLatents() throws IOException {
        Path model = model(4);
        try (ImageGenerator generator =
                ImageGenerator.open(List.of(model), Weights.EMA, Placement.cpu(DType.F32), codec(3, 4))) {
            GenerationSettings settings =
                    TinyNetwork.settings(OdeConfig.of(OdeSolver.EULER, 3), Guidance.NONE, TinyNetwork.MANY);
            List<ImageRequest> requests = List.of(new ImageRequest(0, 1), new ImageRequest(1, 2));

            List<Picture> pictures = generator
                    .generate(requests, generator.plan(settings), GenerationObserver.NONE)
                    .pictures();

            assertThat(pictures).hasSize(2).allSatisfy(picture -> {
                assertThat(picture.width()).isEqualTo(16); // latents of 8×8
                assertThat(picture.channels()).isEqualTo(3);
            });
            assertThat(pictures.get(0)).isNotEqualTo(pictures.get(1));
        }
    }

    @Test
    void withoutItTheyAreRefused() throws IOException {
        Path model = model(4);

        assertThatThrownBy(() -> ImageGenerator.open(model, Weights.EMA, DType.F32))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(model + ": the network works on 4 channels")
                .hasMessageContaining("latents need the autoencoder that they belong to (--codec DIR)");
        Path other = codec(1, 2);
        assertThatThrownBy(() -> ImageGenerator.open(List.of(model), Weights.EMA, Placement.cpu(DType.F32), other))
                .isInstanceOf(IOException.class)
                .hasMessage(model + ": latents have 4 channels, those of the autoencoder 2");
    }

    private Path model(int channels) throws IOException {
        return TinyNetwork.save(
                folder.resolve("model.safetensors"), TinyNetwork.config(channels), Transport.LINEAR_VELOCITY);
    }

    private Path codec(int colours, int latents) throws IOException {
        AutoencoderConfig config = new AutoencoderConfig(colours, colours, latents, List.of(4, 8), 1, 2, 16, 1);
        AutoencoderFolder codec = new AutoencoderFolder(folder.resolve("codec"));
        try (Autoencoder network = Autoencoder.fresh(config, 0)) {
            codec.write(config, network.parameters(), Map.of());
        }
        return codec.path();
    }
}
