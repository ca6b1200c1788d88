package dev.mediator.app.bench;

import dev.mediator.checkpoint.Weights;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where a network comes from whose speed is measured. */
public sealed interface NetworkSource {
    /** Its shape. */
    SitConfig config();

    /** Gets it into memory, with what else it takes to make images. */
    ImageGenerator open(Placement placement) throws IOException;

    /**
     * Fresh weights: what they are does not matter for speed. There is no autoencoder; making images ends with what the
     * network works on.
     *
     * @param config the network
     */
    record Fresh(SitConfig config) implements NetworkSource {
        @Override
        public ImageGenerator open(Placement placement) {
            FreshParameters fresh = new FreshParameters(0);
            // One by one where and in what they are wanted: never all of them twice.
            ParameterSource converted =
                    (name, init, shape) -> Scope.keepResult(() -> placement.put(fresh.get(name, init, shape)));
            return new ImageGenerator(
                    Sit.fixed(config, converted),
                    List.of(),
                    Transport.LINEAR_VELOCITY,
                    new FirstChannel(config.inChannels()));
        }
    }

    /**
     * A checkpoint, with the codec that it names.
     *
     * @param file the checkpoint
     * @param weights which weights of it
     * @param config the network that it holds
     */
    record Stored(Path file, Weights weights, SitConfig config) implements NetworkSource {
        @Override
        public ImageGenerator open(Placement placement) throws IOException {
            return ImageGenerator.open(List.of(file), weights, placement);
        }
    }
}
