package dev.mediator.app.bench;

import java.util.Arrays;

/** How long the runs of one work took, in milliseconds. */
final class Times {
    private final double[] sorted;

    Times(double... millis) {
        sorted = millis.clone();
        Arrays.sort(sorted);
    }

    /**
     * The time that a share of the runs does not exceed, by linear interpolation between neighbours: 0.5 is the median.
     *
     * @param share 0 to 1
     */
    double quantile(double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
