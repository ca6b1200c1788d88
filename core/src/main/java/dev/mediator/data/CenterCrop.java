package dev.mediator.data;

import dev.mediator.image.Picture;
import dev.mediator.image.Resampling;

/**
 * The square in the middle of a picture, at a model's size, as ADM (arXiv 2105.05233) prepares its training data: halve
 * with a box filter while the short side is at least twice the size, resize the short side to the size with a bicubic
 * filter, cut the middle out. The result is that of ADM's code with Pillow 9.5 bit for bit.
 */
public final class CenterCrop {
    private CenterCrop() {}

    /** The middle of a picture, {@code size} × {@code size} pixels. */
    public static Picture apply(Picture picture, int size) {
        if (size < 1) {
            throw new IllegalArgumentException("the size of a crop is " + size + ", allowed is 1 or more");
        }
        Picture halved = picture;
        while (shortSide(halved) >= 2 * size) {
            halved = Resampling.BOX.resize(halved, halved.width() / 2, halved.height() / 2);
        }
        double scale = (double) size / shortSide(halved);
        int width = (int) Math.rint(halved.width() * scale); // to even at one half, as in Python
        int height = (int) Math.rint(halved.height() * scale);
        Picture resized = Resampling.BICUBIC.resize(halved, width, height);
        return resized.crop((width - size) / 2, (height - size) / 2, size, size);
    }

    private static int shortSide(Picture picture) {
        return Math.min(picture.width(), picture.height());
    }
}
