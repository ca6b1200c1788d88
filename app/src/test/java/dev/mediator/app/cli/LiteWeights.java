package dev.mediator.app.cli;

import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.vision.EfficientNetLite0;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Weights of an extractor that takes colour, all alike: enough to see what is refused. */
public final class LiteWeights {
    private LiteWeights() {}

    public static void write(Path file) throws IOException {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        new EfficientNetLite0((name, init, shape) -> {
                    shapes.put(name, shape);
                    return Tensors.zeros(DType.F32, shape);
                })
                .close();
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            shapes.forEach((name, shape) -> tensors.put(name, Tensors.full(0.01, shape)));
            SafeTensorsWriter.write(file, tensors, Map.of());
        }
    }
}
