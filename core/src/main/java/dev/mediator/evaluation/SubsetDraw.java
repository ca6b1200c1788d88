package dev.mediator.evaluation;

import dev.mediator.tensor.RandomStream;
import java.util.Arrays;

/** Random subsets of 0…count − 1 without repetition: the first steps of a Fisher-Yates shuffle each. */
final class SubsetDraw {
    private final long[] items;
    private final RandomStream random;
    private long draws;

    SubsetDraw(int count, RandomStream random) {
        this.items = new long[count];
        this.random = random;
        Arrays.setAll(items, i -> i);
    }

    /** The next subset, in random order. */
    long[] next(int size) {
        if (size < 0 || size > items.length) {
            throw new IllegalArgumentException("a subset of " + size + " out of " + items.length);
        }
        for (int i = 0; i < size; i++) {
            int other = i + (int) random.below(draws++, items.length - i);
            long item = items[i];
            items[i] = items[other];
            items[other] = item;
        }
        return Arrays.copyOf(items, size);
    }
}
