package dev.mediator.vision;

import dev.mediator.image.Picture;
import java.util.List;
import java.util.stream.IntStream;

/** Pictures that are a function of index and position, the same as in core/src/test/oracle/vision.py. */
public final class FormulaPictures {
    private FormulaPictures() {}

    /** The first {@code count} pictures of a size. */
    public static List<Picture> of(int count, int channels, int height, int width) {
        return IntStream.range(0, count)
                .mapToObj(i -> picture(i, channels, height, width))
                .toList();
    }

    /** Slanted waves with fine texture. */
    static Picture picture(int index, int channels, int height, int width) {
        byte[] samples = new byte[height * width * channels];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    int wave = Math.floorMod(x * (3 + index) + y * (5 - index) * (c + 1), 256);
                    int texture = (x * y + 7 * c + 13 * index) % 31;
                    samples[at++] = (byte) (Math.abs(wave - 128) * 3 / 2 + texture);
                }
            }
        }
        return Picture.of(width, height, channels, samples);
    }
}
