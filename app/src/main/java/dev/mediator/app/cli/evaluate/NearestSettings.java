package dev.mediator.app.cli.evaluate;

/**
 * What the samples' nearest training images are searched in.
 *
 * @param training what was trained on
 * @param heldOut what was not
 * @param byPixels whether distances are of pixels; else of features
 */
record NearestSettings(StoredImages training, StoredImages heldOut, boolean byPixels) {
    /** What the record tells of them. */
    record Description(String by, StoredImages.Description training, StoredImages.Description heldOut) {}

    Description description() {
        return new Description(by(), training.description(), heldOut.description());
    }

    /** {@code pixels} or {@code features}. */
    String by() {
        return byPixels ? "pixels" : "features";
    }
}
