package dev.mediator.parallel;

import java.time.Duration;

/** Until when something is waited for. */
record Deadline(Duration patience, long endNanos) {
    static Deadline in(Duration patience) {
        return new Deadline(patience, System.nanoTime() + patience.toNanos());
    }

    boolean isOver() {
        return remainingMillis() <= 0;
    }

    int remainingMillis() {
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, (endNanos - System.nanoTime()) / 1_000_000));
    }

    @Override
    public String toString() {
        return patience.toSeconds() + " s";
    }
}
