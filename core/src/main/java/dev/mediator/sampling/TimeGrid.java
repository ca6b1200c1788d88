package dev.mediator.sampling;

import dev.mediator.transport.TimeInterval;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The times between which a solver steps, as a value: any strictly rising or strictly falling sequence.
 *
 * @param points two or more times
 */
public record TimeGrid(List<Double> points) {
    /** Refuses grids of fewer than two points and grids that turn around. */
    public TimeGrid {
        points = List.copyOf(points);
        if (points.size() < 2) {
            throw new IllegalArgumentException("a time grid has " + points.size() + " points, allowed are 2 or more");
        }
        double direction = Math.signum(points.get(1) - points.get(0));
        for (int i = 1; i < points.size(); i++) {
            if (!(direction * (points.get(i) - points.get(i - 1)) > 0)) {
                throw new IllegalArgumentException("time grid turns at point " + i + " (" + points.get(i - 1) + " to "
                        + points.get(i) + "), allowed are strictly rising or strictly falling times");
            }
        }
    }

    /** Equal steps over an interval, both ends included. */
    public static TimeGrid uniform(TimeInterval interval, int points) {
        if (points < 2) {
            throw new IllegalArgumentException("points is " + points + ", allowed are 2 or more");
        }
        double step = interval.length() / (points - 1);
        return new TimeGrid(IntStream.range(0, points)
                .mapToObj(i -> i == points - 1 ? interval.end() : interval.start() + i * step)
                .toList());
    }

    /** Number of steps, one less than points. */
    public int steps() {
        return points.size() - 1;
    }

    /** Where step {@code i} begins. */
    public double start(int i) {
        return points.get(i);
    }

    /** Signed length of step {@code i}. */
    public double dt(int i) {
        return points.get(i + 1) - points.get(i);
    }

    /** Where the first step begins. */
    public double first() {
        return points.get(0);
    }

    /** Where the last step ends. */
    public double last() {
        return points.get(points.size() - 1);
    }
}
