package dev.mediator.data;

import dev.mediator.tensor.Shapes;

/**
 * Sizes of one image.
 *
 * @param channels 1 (grey) or 3 (red, green, blue) for pictures, others for latents
 * @param height rows
 * @param width columns
 */
public record ImageShape(int channels, int height, int width) {
    public ImageShape {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "the image shape is " + channels + "×" + height + "×" + width + ", sizes must be 1 or more");
        }
    }

    /** Number of values of one image, C·H·W. */
    public int numel() {
        return Shapes.arrayLength(channels, height, width);
    }

    /** The sizes [C, H, W]. */
    public long[] sizes() {
        return new long[] {channels, height, width};
    }
}
