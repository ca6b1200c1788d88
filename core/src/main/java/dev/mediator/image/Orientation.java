package dev.mediator.image;

/** What turns a camera's picture upright, as EXIF tag 274 tells it; the constants are in EXIF's order, from 1. */
enum Orientation {
    NONE,
    MIRROR,
    HALF_TURN,
    FLIP,
    TRANSPOSE,
    TURN_RIGHT,
    TRANSVERSE,
    TURN_LEFT;

    /** The constant of an EXIF value; values that EXIF does not know change nothing. */
    static Orientation of(int exifValue) {
        return exifValue >= 1 && exifValue <= 8 ? values()[exifValue - 1] : NONE;
    }

    /** The picture, upright. */
    Picture apply(Picture stored) {
        if (this == NONE) {
            return stored;
        }
        boolean exchangesAxes = compareTo(TRANSPOSE) >= 0;
        int width = exchangesAxes ? stored.height() : stored.width();
        int height = exchangesAxes ? stored.width() : stored.height();
        int channels = stored.channels();
        byte[] upright = new byte[width * height * channels];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int from = source(x, y, width - 1 - x, height - 1 - y, stored.width());
                System.arraycopy(
                        stored.sharedSamples(), from * channels, upright, (y * width + x) * channels, channels);
            }
        }
        return Picture.owning(width, height, channels, upright);
    }

    /** Number of the stored pixel that belongs at (x, y), which is {@code right} and {@code below} from the far corner. */
    private int source(int x, int y, int right, int below, int storedWidth) {
        return switch (this) {
            case NONE -> y * storedWidth + x;
            case MIRROR -> y * storedWidth + right;
            case HALF_TURN -> below * storedWidth + right;
            case FLIP -> below * storedWidth + x;
            case TRANSPOSE -> x * storedWidth + y;
            case TURN_RIGHT -> right * storedWidth + y;
            case TRANSVERSE -> right * storedWidth + below;
            case TURN_LEFT -> x * storedWidth + below;
        };
    }
}
