package dev.mediator.model;

import dev.mediator.nn.AttentionMaps;
import java.util.function.Supplier;
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

    /** Called once per module. The tensor is overwritten or freed later in the pass: copy what is to be kept. */
    void record(String module, Tensor output);

    /**
     * Called once per block, before its attention's output is recorded. What the supplier computes is not part of the pass,
     * and lives until the caller's scope ends; who does not ask it pays nothing.
     *
     * @param block number of the block, from 0
     * @param maps computes the maps of the block's attention, for all samples of the batch
     */
    default void attention(int block, Supplier<AttentionMaps> maps) {
        // most probes do not look at it
    }

    /** Records and passes on. */
    default Tensor see(String module, Tensor output) {
        record(module, output);
        return output;
    }
}
