package dev.mediator.codec;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Works on large maps in strips of rows, one after the other, so that what lies between two maps (normalised, activated,
 * enlarged) never exists as a whole. The result is that of the whole map: each strip sees the rows beside it that its
 * convolution needs, and statistics are those of all strips together. Decoding image by image in tiles, as is common, is not
 * exact: each tile is normalised by statistics of its own, and sees nothing of the others in attention.
 *
 * @param elements values of a strip, about
 */
record Strips(long elements) {
    /** 64 MiB of fp32. */
    static final Strips DEFAULT = new Strips(1L << 24);

    /** Rows of this map in one strip. */
    long rows(Tensor x) {
        long row = x.numel() / x.size(2);
        return GradMode.is_enabled() ? x.size(2) : Math.max(1, Math.min(x.size(2), elements / row));
    }

    /** True if the map is one strip; always where gradients are recorded, which need all of it anyway. */
    boolean holdWhole(Tensor x) {
        return rows(x) == x.size(2);
    }

    /**
     * A 3×3 convolution of the same size over what each strip is turned into first.
     *
     * @param x [B, C, H, W]
     * @param before what happens to a strip, row by row or pixel by pixel: [B, C, h, W] → [B, C, scale·h, scale·W]
     * @param scale by how much it enlarges
     * @return [B, out, scale·H, scale·W]
     */
    Tensor convolve(Tensor x, UnaryOperator<Tensor> before, long scale, Convolution convolution) {
        if (holdWhole(x)) {
            return Scope.keepResult(() -> convolution.apply(before.apply(x)));
        }
        long height = x.size(2);
        long rows = rows(x);
        Tensor out = emptyMap(x, convolution.bias().numel(), scale);
        for (long first = 0; first < height; first += rows) {
            try (Scope scope = Scope.open()) {
                long last = Math.min(height, first + rows);
                long from = Math.max(0, first - 1); // a convolution sees one row above and one below
                long to = Math.min(height, last + 1);
                Tensor y = convolution.apply(before.apply(x.narrow(2, from, to - from)));
                Tensor inner = y.narrow(2, scale * (first - from), scale * (last - first));
                out.narrow(2, scale * first, scale * (last - first)).copy_(inner);
            }
        }
        return out;
    }

    private static Tensor emptyMap(Tensor x, long channels, long scale) {
        return Scope.keepResult(() -> {
            TensorOptions options = Tensors.options(DType.of(x));
            // Channels-last memory: rows, columns, channels.
            return torch.empty(
                            new long[] {x.size(0), scale * x.size(2), scale * x.size(3), channels}, options, null)
                    .permute(0, 3, 1, 2);
        });
    }
}
