package dev.mediator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SampleOrderTest {
    // What this code gave when it was first written: a saved position must keep its meaning.
    private static final int[] EXPECTED_ORDER = {7, 6, 3, 1, 0, 2, 4, 5, 7, 4, 2, 1, 6, 3, 5, 0};
    private static final boolean[] EXPECTED_FLIPS = {true, true, false, true, true, false, false, false};

    @Test
    void everyEpochIsAnotherShuffleOfAllImages() {
        SampleOrder order = new SampleOrder(7, 100, false);
        int[] first = indices(order, 0, 100);
        int[] second = indices(order, 100, 200);
        assertThat(first).containsExactlyInAnyOrder(IntStream.range(0, 100).toArray());
        assertThat(second).containsExactlyInAnyOrder(first).isNotEqualTo(first);
        assertThat(indices(new SampleOrder(8, 100, false), 0, 100)).isNotEqualTo(first);
    }

    @Test
    void aPositionAlwaysHoldsTheSameImage() {
        SampleOrder order = new SampleOrder(7, 10, true);
        int[] forward = indices(order, 0, 1000);
        SampleOrder other = new SampleOrder(7, 10, true);
        for (int i = 999; i >= 0; i--) {
            assertThat(other.index(i)).isEqualTo(forward[i]);
            assertThat(other.isFlipped(i)).isEqualTo(order.isFlipped(i));
        }
    }

    @Test
    void theOrderOfASeedNeverChanges() {
        SampleOrder order = new SampleOrder(0, 8, true);
        assertThat(indices(order, 0, 16)).containsExactly(EXPECTED_ORDER);
        boolean[] flips = new boolean[8];
        for (int i = 0; i < 8; i++) {
            flips[i] = order.isFlipped(i);
        }
        assertThat(flips).containsExactly(EXPECTED_FLIPS);
    }

    /** Each of the 24 orders of four images should come up 10,000/24 times: χ² with 23 degrees of freedom. */
    @Test
    void allOrdersAreEquallyLikely() {
        SampleOrder order = new SampleOrder(3, 4, false);
        int[] counts = new int[256];
        int epochs = 10_000;
        for (int e = 0; e < epochs; e++) {
            int[] shuffled = indices(order, 4 * e, 4 * e + 4);
            counts[shuffled[0] * 64 + shuffled[1] * 16 + shuffled[2] * 4 + shuffled[3]]++;
        }
        double expected = epochs / 24.0;
        double chiSquare = IntStream.of(counts)
                .filter(n -> n > 0)
                .mapToDouble(n -> (n - expected) * (n - expected) / expected)
                .sum();
        assertThat(IntStream.of(counts).filter(n -> n > 0).count()).isEqualTo(24);
        assertThat(chiSquare).isBetween(8.0, 49.7); // 0.1 % tails
    }

    @Test
    void halfOfTheImagesAreMirrored() {
        SampleOrder order = new SampleOrder(5, 1000, true);
        long flips = IntStream.range(0, 10_000).filter(order::isFlipped).count();
        assertThat(flips).isBetween(4800L, 5200L); // ± 4 standard deviations
        assertThat(IntStream.range(0, 1000).filter(new SampleOrder(5, 1000, false)::isFlipped))
                .isEmpty();
    }

    @Test
    void anEmptySetIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SampleOrder(0, 0, false))
                .withMessageContaining("0 images");
    }

    private static int[] indices(SampleOrder order, int from, int to) {
        return IntStream.range(from, to).map(order::index).toArray();
    }
}
