package dev.mediator.app.bench;

import dev.mediator.checkpoint.Weights;
import dev.mediator.generation.CheckpointTransport;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.model.LabelTraining;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitFile;
import dev.mediator.stepwise.SitStages;
import dev.mediator.tensor.CudaGraphs;
import dev.mediator.tensor.Placement;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a network comes from whose speed is measured. Images end with what it works on: decoding latents is measured by
 * itself.
 */
public sealed interface NetworkSource {
    /** Its shape. */
    SitConfig config();

    /** Gets it into memory, with what else it takes to make images. */
    ImageGenerator open(Placement placement) throws IOException;

    /**
     * Weights of no meaning.
     *
     * @param config the network
     */
    record Fresh(SitConfig config) implements NetworkSource {
        @Override
        public ImageGenerator open(Placement placement) {
            Sit sit = Sit.fixed(config, new AnyWeights(placement));
            return generator(sit, LabelTraining.BOTH, List.of(), Transport.LINEAR_VELOCITY);
        }
    }

    /**
     * A checkpoint.
     *
     * @param file the checkpoint
     * @param weights which weights of it
     * @param config the network that it holds
     */
    record Stored(Path file, Weights weights, SitConfig config) implements NetworkSource {
        @Override
        public ImageGenerator open(Placement placement) throws IOException {
            try (SitFile opened = SitFile.open(file, weights)) {
                SitCheckpoint description = opened.description();
                return generator(
                        opened.loadFixed(placement),
                        description.labels(),
                        description.classNames(),
                        CheckpointTransport.of(description, file));
            }
        }
    }

    /**
     * One whose passes are replayed as CUDA graphs.
     *
     * @param network where it comes from
     */
    record Graphed(NetworkSource network) implements NetworkSource {
        @Override
        public SitConfig config() {
            return network.config();
        }

        @Override
        public ImageGenerator open(Placement placement) throws IOException {
            ImageGenerator generator = network.open(placement);
            try {
                generator.recordPasses(CudaGraphs::on);
                return generator;
            } catch (RuntimeException e) {
                generator.close();
                throw e;
            }
        }
    }

    private static ImageGenerator generator(
            Sit sit, LabelTraining labels, List<String> classNames, Transport transport) {
        FirstChannel codec = new FirstChannel(sit.config().inChannels());
        return new ImageGenerator(new SitStages(sit), labels, classNames, transport, codec);
    }
}
