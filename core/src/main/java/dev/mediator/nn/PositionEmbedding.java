package dev.mediator.nn;

import dev.mediator.tensor.Tensors;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/** The fixed two-dimensional sine-cosine table {@code pos_embed} (DiT), computed in fp64. */
public final class PositionEmbedding {
    private PositionEmbedding() {}

    /**
     * First D/2 channels encode the column, the last D/2 the row; each half is [sin(pos·ω), cos(pos·ω)] with
     * ω_k = 10000^(−k/(D/4)).
     *
     * @param width D, a multiple of 4
     * @param grid tokens per side
     * @return [1, N, D] fp32
     * @throws IllegalArgumentException if it would have more than 2³¹ − 1 numbers
     */
    public static Tensor table(int width, int grid) {
        if ((long) grid * grid * width > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "positions of %1$d×%1$d tokens of width %2$d are more than %3$d numbers",
                    grid,
                    width,
                    Integer.MAX_VALUE));
        }
        int quarter = width / 4;
        float[] values = new float[grid * grid * width];
        for (int row = 0; row < grid; row++) {
            for (int column = 0; column < grid; column++) {
                int at = (row * grid + column) * width;
                for (int k = 0; k < quarter; k++) {
                    double omega = Math.pow(10000, -(double) k / quarter);
                    values[at + k] = (float) Math.sin(column * omega);
                    values[at + quarter + k] = (float) Math.cos(column * omega);
                    values[at + 2 * quarter + k] = (float) Math.sin(row * omega);
                    values[at + 3 * quarter + k] = (float) Math.cos(row * omega);
                }
            }
        }
        return Tensors.of(values, 1, (long) grid * grid, width);
    }
}
