package dev.mediator.data;

import dev.mediator.tensor.RandomStream;
import org.jspecify.annotations.Nullable;

/**
 * Which image comes at which position of the endless sample stream, and whether it is mirrored: a pure function of seed
 * and position. Holds the shuffle of one epoch at a time; not for several threads.
 */
public final class SampleOrder {
    private static final long SHUFFLE = 0x73687566666c65L; // "shuffle"
    private static final long MIRROR = 0x6d6972726f72L; // "mirror"

    private final long seed;
    private final int size;
    private final boolean flip;
    private @Nullable Epoch current;

    /**
     * An order of a set's images.
     *
     * @param seed the user's seed
     * @param size images in the set, at least 1
     * @param flip whether half of the samples, chosen by chance, are mirrored
     */
    public SampleOrder(long seed, int size, boolean flip) {
        if (size < 1) {
            throw new IllegalArgumentException("the data set has " + size + " images, allowed is 1 or more");
        }
        this.seed = seed;
        this.size = size;
        this.flip = flip;
    }

    /** Full passes over the data before this position. */
    public long epoch(long position) {
        return Math.floorDiv(position, size);
    }

    /** Index of the image at a position of 0 or more. */
    public int index(long position) {
        return at(position).permutation[Math.floorMod(position, size)];
    }

    /** True if the image at a position is mirrored; the decision belongs to (seed, epoch, image). */
    public boolean isFlipped(long position) {
        return flip && at(position).mirrors.uniform(index(position)) < 0.5;
    }

    private Epoch at(long position) {
        long number = epoch(position);
        Epoch epoch = current;
        if (epoch == null || epoch.number != number) {
            epoch = new Epoch(seed, number, size);
            current = epoch;
        }
        return epoch;
    }

    private static final class Epoch {
        private final long number;
        private final int[] permutation;
        private final RandomStream mirrors;

        Epoch(long seed, long number, int size) {
            this.number = number;
            this.permutation = shuffle(new RandomStream(seed, SHUFFLE).split(number), size);
            this.mirrors = new RandomStream(seed, MIRROR).split(number);
        }

        private static int[] shuffle(RandomStream random, int size) {
            int[] order = new int[size];
            for (int i = 0; i < size; i++) {
                order[i] = i;
            }
            for (int i = size - 1; i > 0; i--) {
                int j = (int) random.below(i, i + 1L);
                int swapped = order[i];
                order[i] = order[j];
                order[j] = swapped;
            }
            return order;
        }
    }
}
