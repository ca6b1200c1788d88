package dev.mediator.app.bench;

/**
 * Something that can be done again and again, the same each time.
 *
 * @param title what the table calls it
 * @param costFactor what it costs as a multiple of the products that are counted while it runs: 1, or 3 if gradients
 *     follow, which take twice as many products again, and those are not counted
 * @param images how many it makes; 0 if it makes none
 * @param mostWarmUps how often it is done at most before it is measured
 * @param body what is timed
 */
record Work(String title, int costFactor, int images, int mostWarmUps, Runnable body) {
    /** Makes no images and takes no gradients. */
    static Work of(String title, Runnable body) {
        return new Work(title, 1, 0, Integer.MAX_VALUE, body);
    }

    /** One call of libtorch. */
    static Work ofOneCall(String title, Runnable body) {
        return new Work(title, 1, 0, Runs.WARM_UPS_OF_ONE_CALL, body);
    }

    /** Makes images. */
    static Work making(int images, String title, Runnable body) {
        return new Work(title, 1, images, Integer.MAX_VALUE, body);
    }

    /** A forward pass and its gradients. */
    static Work withGradients(String title, Runnable body) {
        return new Work(title, 3, 0, Integer.MAX_VALUE, body);
    }
}
