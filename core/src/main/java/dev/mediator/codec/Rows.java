package dev.mediator.codec;

import dev.mediator.tensor.Placement;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A map that is seen in parts, and need not exist as a whole. */
interface Rows {
    /** Its sizes, [B, C, H, W]. */
    long[] shape();

    /** Where its parts are, and in what. */
    Placement placement();

    /** Rows from a first to before a last one, [B, C, to − from, W], for the calling thread's scope. */
    Tensor part(long from, long to);

    /** Of a map that exists. */
    static Rows of(Tensor map) {
        return new Stored(map);
    }

    /** See {@link #of}. */
    record Stored(Tensor map) implements Rows {
        @Override
        public long[] shape() {
            return map.shape();
        }

        @Override
        public Placement placement() {
            return Placement.of(map);
        }

        @Override
        public Tensor part(long from, long to) {
            return map.narrow(2, from, to - from);
        }
    }

    /**
     * A map of twice the side: each pixel four times, then a 3×3 convolution of as many channels.
     *
     * @param half [B, C, H/2, W/2]
     */
    record Doubled(Tensor half, Convolution convolution) implements Rows {
        @Override
        public long[] shape() {
            long[] shape = half.shape();
            return new long[] {shape[0], shape[1], 2 * shape[2], 2 * shape[3]};
        }

        @Override
        public Placement placement() {
            return Placement.of(half);
        }

        @Override
        public Tensor part(long from, long to) {
            long seen = Math.max(0, from - 1); // what the convolution sees of the enlarged map
            long seenTo = Math.min(2 * half.size(2), to + 1);
            long first = seen / 2;
            Tensor enlarged = repeated(half.narrow(2, first, (seenTo + 1) / 2 - first));
            return convolution
                    .apply(enlarged.narrow(2, seen - 2 * first, seenTo - seen))
                    .narrow(2, from - seen, to - from);
        }

        /** All of it at once. */
        Tensor whole() {
            return convolution.apply(repeated(half));
        }

        private static Tensor repeated(Tensor x) {
            long[] size = {2 * x.size(2), 2 * x.size(3)};
            return torch.upsample_nearest2d(x, size, new DoubleOptional(), new DoubleOptional());
        }
    }
}
