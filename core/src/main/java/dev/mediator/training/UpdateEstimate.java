package dev.mediator.training;

/** What an update will take, told before the first one is done, which may take minutes. */
final class UpdateEstimate {
    /** Forward and backward, in forward passes. */
    private static final int PASSES = 3;

    /** A forward pass that took longer says what the next one will. */
    private static final double SETTLED_SECONDS = 1;

    private UpdateEstimate() {}

    /**
     * Seconds of an update, about: batches are rarely slower than their samples one by one, so it is an upper limit.
     *
     * @param forward runs one sample forward, and waits for the result
     * @param samples of an update
     */
    static double seconds(Runnable forward, double samples) {
        double seconds = secondsOf(forward);
        if (seconds < SETTLED_SECONDS) {
            seconds = secondsOf(forward); // the first one has made ready for it
        }
        return seconds * PASSES * samples;
    }

    private static double secondsOf(Runnable forward) {
        long start = System.nanoTime();
        forward.run();
        return (System.nanoTime() - start) * 1e-9;
    }
}
