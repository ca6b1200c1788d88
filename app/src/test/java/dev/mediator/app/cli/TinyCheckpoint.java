package dev.mediator.app.cli;

import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A checkpoint of one block on 8×8 images, elastic between 4 and 16 mediators and full attention, all of its weights
 * random, so that everything matters for its output.
 */
public final class TinyCheckpoint {
    public static final List<String> CLASSES = List.of("Boot", "Bag", "T-shirt/top");

    private TinyCheckpoint() {}

    public static SitConfig config(int channels, int classes) {
        List<MediatorCount> mediators = List.of(new MediatorCount(4), new MediatorCount(16), MediatorCount.FULL);
        return new SitConfig(8, 2, channels, 16, 1, 2, 4, classes, false, mediators, null);
    }

    /** Three classes of grey images. */
    public static Path write(Path file) throws IOException {
        return write(file, config(1, CLASSES.size()), CLASSES, tensors -> {});
    }

    /** Three classes of grey images, by a training with this label dropout. */
    public static Path trained(Path file, double labelDropout) throws IOException {
        return write(file, config(1, CLASSES.size()), CLASSES, labelDropout, tensors -> {});
    }

    /** Any network, with changed tensors. */
    public static Path write(Path file, SitConfig config, List<String> classes, Consumer<Map<String, Tensor>> change)
            throws IOException {
        return write(file, config, classes, null, change);
    }

    private static Path write(
            Path file,
            SitConfig config,
            List<String> classes,
            @Nullable Double labelDropout,
            Consumer<Map<String, Tensor>> change)
            throws IOException {
        JsonMapper json = new JsonMapper();
        try (Scope scope = Scope.open();
                Sit sit = new Sit(config, (name, init, shape) -> random(name, shape))) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(sit.parameters());
            change.accept(tensors);
            SafeTensorsWriter.write(
                    file,
                    tensors,
                    new SitCheckpoint(
                                    config,
                                    classes,
                                    json.valueToTree(Transport.LINEAR_VELOCITY),
                                    json.createObjectNode(),
                                    labelDropout,
                                    json.createObjectNode())
                            .metadata());
        }
        return file;
    }

    private static Tensor random(String name, long... shape) {
        float[] values = new RandomStream(7, name.hashCode()).normals(0, Math.toIntExact(Shapes.numel(shape)));
        for (int i = 0; i < values.length; i++) {
            values[i] *= 0.25f;
        }
        return Tensors.of(values, shape);
    }
}
