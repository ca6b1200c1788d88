package dev.mediator.nn;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The learned position biases of one mediator count: a coarse 7×7 map per head and mediator, resized to the token grid,
 * plus one value per row and per column. For the reading of tokens by mediators ({@code an ah aw}) and for the writing
 * back ({@code na ha wa}).
 */
final class MediatorBias {
    private static final int MAP = 7;

    private final ParameterSource source;
    private final MediatorCount count;
    private final int heads;
    private final int grid;
    private final Tensor an; // [M, n, 7, 7]
    private final Tensor na; // [M, n, 7, 7]
    private final Tensor ah; // [1, M, n, h, 1]
    private final Tensor aw; // [1, M, n, 1, w]
    private final Tensor ha; // [1, M, h, 1, n]
    private final Tensor wa; // [1, M, 1, w, n]

    MediatorBias(ParameterSource source, MediatorCount count, int heads, int grid) {
        this.source = source;
        this.count = count;
        this.heads = heads;
        this.grid = grid;
        int n = count.tokens();
        an = source.get("an_bias", Init.NORMAL, heads, n, MAP, MAP);
        na = source.get("na_bias", Init.NORMAL, heads, n, MAP, MAP);
        ah = source.get("ah_bias", Init.NORMAL, 1, heads, n, grid, 1);
        aw = source.get("aw_bias", Init.NORMAL, 1, heads, n, 1, grid);
        ha = source.get("ha_bias", Init.NORMAL, 1, heads, grid, 1, n);
        wa = source.get("wa_bias", Init.NORMAL, 1, heads, 1, grid, n);
    }

    MediatorCount count() {
        return count;
    }

    /** b_read: what each mediator adds to the score of each token, [M, n, N]. */
    Tensor read() {
        return source.derived(
                "read",
                () -> Heads.laidOutForMany(
                        resized(an).add(ah.add(aw).squeeze(0).reshape(heads, count.tokens(), (long) grid * grid))));
    }

    /** b_write: what each token adds to the score of each mediator, [M, N, n]. */
    Tensor write() {
        return source.derived(
                "write",
                () -> Heads.laidOutForFew(resized(na)
                        .transpose(1, 2)
                        .add(ha.add(wa).squeeze(0).reshape(heads, (long) grid * grid, count.tokens()))));
    }

    /** Bilinear, align_corners = false: [M, n, 7, 7] → [M, n, N]. */
    private Tensor resized(Tensor map) {
        return torch.upsample_bilinear2d(
                        map, new long[] {grid, grid}, false, new DoubleOptional(), new DoubleOptional())
                .view(heads, count.tokens(), (long) grid * grid);
    }
}
