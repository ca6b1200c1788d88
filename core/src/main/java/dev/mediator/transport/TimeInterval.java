package dev.mediator.transport;

/**
 * An interval of time that is run through from start to end, in either direction.
 *
 * @param start where it begins, 0 (noise) to 1 (data)
 * @param end where it ends, 0 to 1, other than {@code start}
 */
public record TimeInterval(double start, double end) {
    /** Refuses empty intervals and times outside [0, 1]. */
    public TimeInterval {
        if (!(start >= 0 && start <= 1 && end >= 0 && end <= 1 && start != end)) {
            throw new IllegalArgumentException("the time interval runs from " + start + " to " + end
                    + ", allowed are different times between 0 and 1");
        }
    }

    /** Signed length, end − start. */
    public double length() {
        return end - start;
    }

    /** The same interval, run through the other way. */
    public TimeInterval reversed() {
        return new TimeInterval(end, start);
    }
}
