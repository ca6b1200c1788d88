package dev.mediator.tuning;

import dev.mediator.codec.PixelCodec;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.stream.IntStream;

/** A random network of one block on 8×8 images that serves 4 and 16 mediators and full attention; 16 cost most. */
final class TinyGenerator {
    static final Guidance GUIDED = new Guidance(2.5, 0, 0, 1);

    private TinyGenerator() {}

    static ImageGenerator open() {
        return open(List.of(new MediatorCount(4), new MediatorCount(16), MediatorCount.FULL));
    }

    static ImageGenerator open(List<MediatorCount> counts) {
        SitConfig config = new SitConfig(8, 2, 1, 16, 1, 2, 4, 3, false, counts, null);
        Sit sit = new Sit(config, (name, init, shape) -> {
            float[] values = new RandomStream(7, name.hashCode()).normals(0, Math.toIntExact(Shapes.numel(shape)));
            for (int i = 0; i < values.length; i++) {
                values[i] *= 0.25f;
            }
            return Tensors.of(values, shape);
        });
        return new ImageGenerator(sit, List.of(), Transport.LINEAR_VELOCITY, new PixelCodec());
    }

    static OdeConfig midpoint(int points) {
        return OdeConfig.of(OdeSolver.MIDPOINT, points);
    }

    static List<ImageRequest> images(int first, int count) {
        return IntStream.range(first, first + count)
                .mapToObj(i -> new ImageRequest(i % 3, i))
                .toList();
    }
}
