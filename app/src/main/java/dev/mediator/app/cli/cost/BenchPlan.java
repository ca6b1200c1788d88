package dev.mediator.app.cli.cost;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.bench.Subject;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench} is to measure.
 *
 * @param about what it is, for the answer
 * @param subjects the same to measure
 */
public record BenchPlan(About about, List<Subject> subjects) {
    /** What the answer says of the network. */
    sealed interface About {
        /** For people. */
        List<String> lines();
    }

    /**
     * A network.
     *
     * @param preset its name; null for a checkpoint
     * @param model the checkpoint; null for a preset
     * @param imageSize side of its input
     * @param channels of its input
     * @param mediators what single evaluations go through
     * @param batch samples at a time
     * @param cudaGraphs whether passes without gradients are replayed as CUDA graphs
     * @param images how whole images are made; null if none are
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Network(
            @Nullable String preset,
            @Nullable String model,
            int imageSize,
            int channels,
            MediatorCount mediators,
            int batch,
            boolean cudaGraphs,
            @Nullable GenerationSettings images)
            implements About {
        @Override
        public List<String> lines() {
            String network = String.format(
                    Locale.ROOT,
                    "%s, %d×%d×%d, batch %d, mediators %s%s",
                    model != null ? model : preset,
                    imageSize,
                    imageSize,
                    channels,
                    batch,
                    mediators,
                    cudaGraphs ? ", CUDA graphs" : "");
            if (images == null) {
                return List.of(network);
            }
            Guidance guidance = images.guidance();
            return List.of(
                    network,
                    String.format(
                            Locale.ROOT,
                            "images by %s, %s, %s",
                            images.sampler().summary(),
                            guidance.summary(),
                            images.schedule()));
        }
    }

    /**
     * An autoencoder.
     *
     * @param autoencoder whose shape it has
     */
    public record OneAutoencoder(String autoencoder) implements About {
        @Override
        public List<String> lines() {
            return List.of("autoencoder of the shape of " + autoencoder + ", one picture at a time");
        }
    }
}
