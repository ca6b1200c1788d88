package dev.mediator.model;

import org.bytedeco.pytorch.Tensor;

/**
 * Sees intermediate results of a forward pass by the name of the module that made them: {@code x_embedder} (patches
 * before positions are added), {@code t_embedder}, {@code y_embedder}, {@code blocks.i.attn}, {@code blocks.i},
 * {@code final_layer} (tokens before they become an image).
 */
@FunctionalInterface
public interface ForwardProbe {
    /** Sees nothing. */
    ForwardProbe NONE = (module, output) -> {};

    /** Called once per module; the tensor is freed after the pass unless it is copied. */
    void record(String module, Tensor output);

    /** Records and passes on. */
    default Tensor see(String module, Tensor output) {
        record(module, output);
        return output;
    }
}
