package dev.mediator.codec;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import java.util.function.Consumer;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * Works on large maps in strips of rows, one after the other, so that what lies between two maps (normalised, activated,
 * enlarged) never exists as a whole. The result is that of the whole map: each strip sees the rows beside it that its
 * convolution needs, and statistics are those of all strips together. Decoding an image tile by tile, as is common, is
 * another function: each tile is normalised by statistics of its own, and sees nothing of the others in attention.
 *
 * @param elements values of a strip, about
 */
record Strips(long elements) {
    /** 64 MiB of fp32: smaller ones would compute many rows twice. */
    private static final Strips ON_HOST = new Strips(1L << 24);

    /** 1 GiB of fp32: a picture of 1024×1024 pixels in one go, since each strip's statistics are waited for. */
    private static final Strips ON_CARD = new Strips(1L << 28);

    /** Strips as large as suits a device. */
    static Strips on(ComputeDevice device) {
        return device.isHost() ? ON_HOST : ON_CARD;
    }

    /**
     * A strip of rows, and what a 3×3 convolution must see to compute it.
     *
     * @param first its first row
     * @param last the row behind its last one
     * @param from the first row to be seen
     * @param to the row behind the last one to be seen
     */
    record Strip(long first, long last, long from, long to) {
        /** Stores the strip's rows of what was computed of all rows seen. */
        void put(Tensor target, Tensor computed) {
            rows(target).copy_(inner(computed));
        }

        /** Adds them. */
        void add(Tensor target, Tensor computed) {
            rows(target).add_(inner(computed));
        }

        private Tensor rows(Tensor target) {
            return target.narrow(2, first, last - first);
        }

        private Tensor inner(Tensor computed) {
            return computed.narrow(2, first - from, last - first);
        }
    }

    /**
     * True if a map of this shape is not worth cutting, being no larger than two strips; always where gradients are recorded,
     * which need all of it anyway.
     */
    boolean holdWhole(long... shape) {
        return GradMode.is_enabled() || 2 * rows(shape) >= shape[2];
    }

    /** @param work has a scope of its own for each strip */
    void forEach(long[] shape, Consumer<Strip> work) {
        long height = shape[2];
        long rows = rows(shape);
        for (long first = 0; first < height; first += rows) {
            long last = Math.min(height, first + rows);
            try (Scope scope = Scope.open()) {
                work.accept(new Strip(first, last, Math.max(0, first - 1), Math.min(height, last + 1)));
            }
        }
    }

    private long rows(long[] shape) {
        return Math.max(1, elements / (shape[0] * shape[1] * shape[3]));
    }

    /** A map to be filled, of the size of another one, in channels-last memory. */
    static Tensor empty(Rows like, long channels) {
        return Scope.keepResult(() -> {
            long[] shape = like.shape();
            return like.placement()
                    .empty(shape[0], shape[2], shape[3], channels)
                    .permute(0, 3, 1, 2);
        });
    }
}
