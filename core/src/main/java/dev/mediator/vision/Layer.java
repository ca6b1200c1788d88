package dev.mediator.vision;

import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A part of a network: maps [B, C, H, W] to [B, C', H', W']. For inference: inputs of inner layers are freed early. */
interface Layer {
    /** The layer's output, a new tensor; the input stays as it is. */
    Tensor apply(Tensor x);

    /** One layer after the other. */
    static Layer chain(List<Layer> layers) {
        return input -> {
            Tensor x = layers.get(0).apply(input);
            for (Layer layer : layers.subList(1, layers.size())) {
                Tensor in = x;
                x = Scope.keepResult(() -> layer.apply(in));
                in.close(); // a batch of large maps would otherwise live as long as the whole pass
            }
            return x;
        };
    }

    /** One layer after the other. */
    static Layer chain(Layer... layers) {
        return chain(List.of(layers));
    }

    /** All layers on the same input, their channels joined in order. */
    static Layer parallel(Layer... branches) {
        return x -> Scope.keepResult(() -> {
            Tensor[] outputs = new Tensor[branches.length];
            for (int i = 0; i < branches.length; i++) {
                outputs[i] = branches[i].apply(x);
            }
            return Ops.cat(1, outputs);
        });
    }

    /** The input plus what the layer makes of it (arXiv 1512.03385). */
    static Layer residual(Layer layer) {
        return x -> Scope.keepResult(() -> layer.apply(x).add_(x));
    }
}
