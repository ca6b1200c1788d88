package dev.mediator.image;

import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * The alpha channel beside the samples of a lossy WebP picture (RFC 9649, section 2.7.1.2): stored as it is or as the green
 * of a lossless picture, each value less what its neighbours foretell.
 */
final class WebpAlpha {
    private WebpAlpha() {}

    /** The alpha of every pixel, row by row. */
    static byte[] decode(byte[] chunk, int width, int height) throws IIOException {
        if (chunk.length == 0) {
            throw new IIOException("its alpha channel is empty");
        }
        byte[] alpha =
                switch (chunk[0] & 3) {
                    case 0 -> raw(chunk, width, height);
                    case 1 -> green(chunk, width, height);
                    default -> throw new IIOException("its alpha channel has an unknown compression");
                };
        int filter = (chunk[0] >> 2) & 3;
        for (int y = 0; filter > 0 && y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = y * width + x;
                alpha[at] += (byte) foretold(alpha, at, x, y, width, filter);
            }
        }
        return alpha;
    }

    private static int foretold(byte[] alpha, int at, int x, int y, int width, int filter) {
        if (x == 0) {
            return y == 0 ? 0 : alpha[at - width] & 0xff;
        }
        int left = alpha[at - 1] & 0xff;
        if (y == 0 || filter == 1) {
            return left;
        }
        int above = alpha[at - width] & 0xff;
        return filter == 2 ? above : Math.max(0, Math.min(255, left + above - (alpha[at - width - 1] & 0xff)));
    }

    private static byte[] raw(byte[] chunk, int width, int height) throws IIOException {
        if (chunk.length - 1 < width * height) {
            throw new IIOException("its alpha channel is truncated");
        }
        return Arrays.copyOfRange(chunk, 1, 1 + width * height);
    }

    private static byte[] green(byte[] chunk, int width, int height) throws IIOException {
        int[] pixels = WebpLossless.decode(chunk, 1, width, height);
        byte[] green = new byte[pixels.length];
        for (int i = 0; i < green.length; i++) {
            green[i] = (byte) (pixels[i] >> 8);
        }
        return green;
    }
}
