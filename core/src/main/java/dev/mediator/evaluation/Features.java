package dev.mediator.evaluation;

import dev.mediator.tensor.Shapes;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What an extractor tells of a batch of B pictures, in any floating-point type; owned by the scope it was made in.
 *
 * @param pooled [B, D], one vector per picture
 * @param spatial [B, S], part of a feature map that still knows where things are, for sFID; null if the extractor has none.
 *     ADM's: the first 7 channels of {@code mixed_6/conv}, the 1×1 branch of a 17×17 layer of the FID Inception, flattened
 *     in the order row, column, channel, so S = 17·17·7 = 2023
 * @param logits [B, K], a classifier's values before softmax; null if the extractor is no classifier
 */
public record Features(
        Tensor pooled, @Nullable Tensor spatial, @Nullable Tensor logits) {
    public Features {
        Shapes.require(pooled, "the pooled features", Shapes.ANY, Shapes.ANY);
        if (spatial != null) {
            Shapes.require(spatial, "the spatial features", pooled.size(0), Shapes.ANY);
        }
        if (logits != null) {
            Shapes.require(logits, "the logits", pooled.size(0), Shapes.ANY);
        }
    }

    /** Pictures described, B. */
    public long count() {
        return pooled.size(0);
    }
}
