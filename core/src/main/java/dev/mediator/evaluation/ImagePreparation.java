package dev.mediator.evaluation;

import dev.mediator.data.CenterCrop;
import dev.mediator.image.Picture;

/**
 * What is done to images before an extractor sees them, because someone asked for it: without being asked for, images of
 * other sizes and colours are an error.
 *
 * @param size side of the square that is cut from the middle, scaled as training does it ({@link CenterCrop}); 0 leaves
 *     sizes as they are
 * @param channels 1 (colour becomes luma) or 3 (grey is repeated); 0 leaves colours as they are
 */
public record ImagePreparation(int size, int channels) {
    /** Images as they are. */
    public static final ImagePreparation NONE = new ImagePreparation(0, 0);

    private static final int MAX_SIZE = 4096;

    public ImagePreparation {
        if (size < 0 || size > MAX_SIZE) {
            throw new IllegalArgumentException("size is " + size + ", allowed are 0 (as it is) to " + MAX_SIZE);
        }
        if (channels != 0 && channels != 1 && channels != 3) {
            throw new IllegalArgumentException(
                    "channels is " + channels + ", allowed are 0 (as they are), 1 (grey) and 3 (colour)");
        }
    }

    /** One image, prepared. */
    public Picture apply(Picture picture) {
        Picture converted = channels == 0 ? picture : picture.withChannels(channels);
        boolean sized = size == 0 || (picture.width() == size && picture.height() == size);
        return sized ? converted : CenterCrop.apply(converted, size);
    }
}
