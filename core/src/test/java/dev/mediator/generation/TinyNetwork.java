package dev.mediator.generation;

import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.stepwise.StaticSchedule;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** A network of one block on 8×8 images, all of its weights random, so that everything matters for its output. */
final class TinyNetwork {
    static final MediatorCount FEW = new MediatorCount(4);
    static final MediatorCount MANY = new MediatorCount(16);
    static final List<String> CLASSES = List.of("Boot", "Bag", "Coat");

    private TinyNetwork() {}

    /** Settings with one mediator count for all steps. */
    static GenerationSettings settings(SamplerConfig sampler, Guidance guidance, MediatorCount mediators) {
        return new GenerationSettings(sampler, guidance, new StaticSchedule(mediators));
    }

    /** Elastic: 4 or 16 mediators, or full attention. */
    static SitConfig config(int channels) {
        return new SitConfig(
                8, 2, channels, 16, 1, 2, 4, CLASSES.size(), false, List.of(FEW, MANY, MediatorCount.FULL), null);
    }

    static Sit create(SitConfig config) {
        return new Sit(config, (name, init, shape) -> {
            float[] values = new RandomStream(7, name.hashCode()).normals(0, Math.toIntExact(Shapes.numel(shape)));
            for (int i = 0; i < values.length; i++) {
                values[i] *= 0.25f;
            }
            return Tensors.of(values, shape);
        });
    }

    /** Writes the network of one channel. */
    static Path save(Path file) throws IOException {
        return save(file, config(1), Transport.LINEAR_VELOCITY);
    }

    static Path save(Path file, SitConfig config, Transport transport) throws IOException {
        JsonMapper json = new JsonMapper();
        try (Sit sit = create(config)) {
            new SitCheckpoint(config, CLASSES, json.valueToTree(transport), json.createObjectNode())
                    .save(file, sit.parameters(), sit.positions(), DType.F32);
        }
        return file;
    }
}
