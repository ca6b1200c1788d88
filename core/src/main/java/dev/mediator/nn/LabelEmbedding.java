package dev.mediator.nn;

import dev.mediator.tensor.ComputeDevice;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One learned vector per class and, in the last row, one for "no class" (label dropout, guidance). */
public final class LabelEmbedding {
    private final Tensor table; // [classes+1, D]

    public LabelEmbedding(ParameterSource source, int classes, int width) {
        table = source.get("y_embedder.embedding_table.weight", Init.NORMAL, classes + 1L, width);
    }

    /** [B] int64, anywhere → [B, D]. */
    public Tensor apply(Tensor y) {
        return torch.embedding(table, ComputeDevice.of(table).put(y));
    }
}
