package dev.mediator.sampling;

import dev.mediator.transport.TimeInterval;

/**
 * The times between which a solver steps: an interval in equal steps, both ends included.
 *
 * @param interval first and last time
 * @param points two or more times
 */
public record TimeGrid(TimeInterval interval, int points) {
    /** Refuses fewer than two points. */
    public TimeGrid {
        if (points < 2) {
            throw new IllegalArgumentException("points is " + points + ", allowed are 2 or more");
        }
    }

    /** Number of steps, one less than points. */
    public int steps() {
        return points - 1;
    }

    /** Where step {@code i} begins, and for the number of steps the end. */
    public double time(int i) {
        return i == points - 1 ? interval.end() : interval.start() + i * (interval.length() / (points - 1));
    }

    /** Signed length of step {@code i}. */
    public double dt(int i) {
        return time(i + 1) - time(i);
    }
}
