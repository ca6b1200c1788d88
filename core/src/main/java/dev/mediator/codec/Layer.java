package dev.mediator.codec;

import dev.mediator.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A part of an autoencoder: maps [B, C, H, W] to [B, C', H', W']. */
interface Layer {
    /**
     * The layer's output, a new tensor of the calling thread's scope.
     *
     * @param x may be written over where no gradient is recorded; the first layer of a chain leaves it as it is
     * @param strips how much of a map is worked on at a time where no gradient is recorded
     */
    Tensor apply(Tensor x, Strips strips);

    /** One layer after the other; a map is freed as soon as the next one has been made of it. */
    static Layer chain(List<Layer> layers) {
        return (input, strips) -> {
            Tensor x = layers.get(0).apply(input, strips);
            for (Layer layer : layers.subList(1, layers.size())) {
                Tensor in = x;
                x = Scope.keepResult(() -> layer.apply(in, strips));
                in.close(); // the largest maps decide how much memory is needed
            }
            return x;
        };
    }
}
