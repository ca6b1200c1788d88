package dev.mediator.nn;

import dev.mediator.tensor.ComputeDevice;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One learned vector per class and, mostly, in the last row one for "no class" (label dropout, guidance). */
public final class LabelEmbedding {
    private final Tensor table; // [rows, D]

    public LabelEmbedding(ParameterSource source, long rows, int width) {
        table = source.get("y_embedder.embedding_table.weight", Init.NORMAL, rows, width);
    }

    /** [B] int64, anywhere → [B, D]. */
    public Tensor apply(Tensor y) {
        return torch.embedding(table, ComputeDevice.of(table).put(y));
    }
}
