package dev.mediator.model;

import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Carries a network's weights to another token grid (arXiv 2408.05710, low to high resolution): the row and column
 * biases of the mediators are interpolated linearly along their spatial axis with the end points kept; the 7×7 maps and
 * all else stay; {@code pos_embed} is recomputed by the network.
 */
public final class ResolutionChange {
    private ResolutionChange() {}

    /**
     * @param tensors the network's tensors by name
     * @param grid tokens per side of the new grid
     * @return the tensors for the new grid, in the same order, without {@code pos_embed}
     */
    public static Map<String, Tensor> apply(Map<String, Tensor> tensors, int grid) {
        Map<String, Tensor> changed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (!name.equals("pos_embed")) {
                int axis = spatialAxis(name);
                changed.put(name, axis < 0 ? tensor : interpolate(tensor, axis, grid));
            }
        });
        return changed;
    }

    /** Axis of a row or column bias that runs over the grid, −1 for all other tensors. */
    private static int spatialAxis(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "ah_bias", "wa_bias" -> 3; // [1, M, n, h, 1], [1, M, 1, w, n]
            case "aw_bias" -> 4; // [1, M, n, 1, w]
            case "ha_bias" -> 2; // [1, M, h, 1, n]
            default -> -1;
        };
    }

    /** Linear interpolation along one axis, align_corners = true, as a product with a [from, to] matrix. */
    private static Tensor interpolate(Tensor tensor, int axis, int to) {
        int from = Math.toIntExact(tensor.size(axis));
        if (from == to) {
            return tensor;
        }
        float[] weights = new float[from * to];
        for (int i = 0; i < to; i++) {
            double position = to == 1 ? 0 : i * (from - 1.0) / (to - 1);
            int low = Math.min((int) position, from - 1);
            double share = position - low;
            weights[low * to + i] += (float) (1 - share);
            if (share > 0) {
                weights[(low + 1) * to + i] += (float) share;
            }
        }
        return Scope.keepResult(() -> Ops.matmul(tensor.transpose(axis, -1), Tensors.of(weights, from, to))
                .transpose(axis, -1)
                .contiguous());
    }
}
