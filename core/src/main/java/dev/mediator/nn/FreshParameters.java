package dev.mediator.nn;

import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Tensors;
import java.nio.charset.StandardCharsets;
import org.bytedeco.pytorch.Tensor;

/**
 * Freshly initialised parameters. Each draws from a stream named after it, so its values depend on the seed and its
 * name only: adding a layer leaves the others as they were.
 *
 * @param seed the initialisation's seed
 */
public record FreshParameters(long seed) implements ParameterSource {
    @Override
    public Tensor get(String name, Init init, long... shape) {
        Cancellation.check();
        return Tensors.of(init.values(new RandomStream(seed, fnv1a(name)), shape), shape);
    }

    /** FNV-1a, 64 bits: a stable hash of a name. */
    private static long fnv1a(String name) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }
}
