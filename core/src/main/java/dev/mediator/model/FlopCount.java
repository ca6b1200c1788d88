package dev.mediator.model;

import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.TimeEmbedding;
import java.util.Comparator;

/**
 * Multiply-adds of one forward pass of one image, by the method's formulas: L·(12·N·D² + A + 6·D²) + embedders + final
 * layer, where A is 2·N²·D for softmax and 4·n·N·D + 9·N·D for mediators. Bias additions, softmax and normalisation are
 * not counted.
 */
public final class FlopCount {
    private FlopCount() {}

    /** Multiply-adds of {@link Sit#forward(org.bytedeco.pytorch.Tensor, org.bytedeco.pytorch.Tensor, org.bytedeco.pytorch.Tensor, MediatorCount)} per image. */
    public static long forward(SitConfig config, MediatorCount mediators) {
        long n = config.tokens();
        long d = config.width();
        long p2 = (long) config.patchSize() * config.patchSize();
        long linear = 4 * n * d * d + 2 * n * d * config.hiddenWidth() + 6 * d * d;
        long total = n * d * p2 * config.inChannels() // patch embedding
                + TimeEmbedding.FEATURES * d
                + d * d
                + 2 * d * d // modulation of the final layer
                + n * d * p2 * config.outChannels();
        for (int block = 0; block < config.depth(); block++) {
            total += linear + attention(config, block, mediators);
        }
        return total;
    }

    /** The choice of attention that costs most: on small grids this may be mediators, on large ones full attention. */
    public static MediatorCount costliest(SitConfig config) {
        return config.mediators().stream()
                .max(Comparator.comparingLong(count -> forward(config, count)))
                .orElseThrow();
    }

    private static long attention(SitConfig config, int block, MediatorCount mediators) {
        long n = config.tokens();
        long d = config.width();
        if (!config.hasMediators(block)) {
            return 2 * n * n * d;
        }
        long convolution = 9 * n * d;
        return convolution + (mediators.isFull() ? 2 * n * n * d : 4L * mediators.tokens() * n * d);
    }
}
