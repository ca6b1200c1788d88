package dev.mediator.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.util.Arrays;

/** Between pictures and Java's images, whose samples are taken as they are, without colour management. */
final class AwtPictures {
    private AwtPictures() {}

    /** A Java image with the same samples. */
    static BufferedImage toAwt(Picture picture) {
        int type = picture.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), type);
        byte[] samples = picture.sharedSamples();
        int[] row = new int[picture.width() * picture.channels()];
        for (int y = 0; y < picture.height(); y++) {
            for (int i = 0; i < row.length; i++) {
                row[i] = Byte.toUnsignedInt(samples[y * row.length + i]);
            }
            image.getRaster().setPixels(0, y, picture.width(), 1, row);
        }
        return image;
    }

    /** A picture of any Java image; what is transparent lies on white. Grey stays grey. */
    static Picture fromAwt(BufferedImage image) {
        image.coerceData(false); // samples that are not multiplied by alpha
        if (image.getColorModel() instanceof ComponentColorModel) {
            return fromComponents(image.getRaster(), image.getColorModel());
        }
        return fromArgb(image);
    }

    private static Picture fromComponents(Raster raster, ColorModel model) {
        int bands = raster.getNumBands();
        int channels = bands < 3 ? 1 : 3;
        int alphaBand = model.hasAlpha() ? bands - 1 : -1;
        int width = raster.getWidth();
        byte[] samples = new byte[Math.multiplyExact(Math.multiplyExact(width, raster.getHeight()), channels)];
        int[] row = new int[width * bands];
        int out = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int alpha =
                        alphaBand < 0 ? 255 : to8Bits(row[x * bands + alphaBand], model.getComponentSize(alphaBand));
                for (int c = 0; c < channels; c++) {
                    int sample = to8Bits(row[x * bands + c], model.getComponentSize(c));
                    samples[out++] = (byte) onWhite(sample, alpha);
                }
            }
        }
        return Picture.owning(width, raster.getHeight(), channels, samples);
    }

    /** Palettes and packed pixels: their colour models know the samples; grey if every pixel is. */
    private static Picture fromArgb(BufferedImage image) {
        int width = image.getWidth();
        byte[] samples = new byte[Math.multiplyExact(Math.multiplyExact(width, image.getHeight()), 3)];
        int[] row = new int[width];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            putOnWhite(row, samples, 3 * width * y);
        }
        Picture picture = Picture.owning(width, image.getHeight(), 3, samples);
        return isGrey(samples) ? picture.withChannels(1) : picture;
    }

    /** A picture of pixels with alpha in the highest byte, then red, green and blue; what is transparent lies on white. */
    static Picture ofArgb(int width, int height, int[] argb) {
        byte[] samples = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        putOnWhite(argb, samples, 0);
        return Picture.owning(width, height, 3, samples);
    }

    private static void putOnWhite(int[] argb, byte[] samples, int from) {
        int out = from;
        for (int pixel : argb) {
            for (int shift = 16; shift >= 0; shift -= 8) {
                samples[out++] = (byte) onWhite(pixel >>> shift & 0xff, pixel >>> 24);
            }
        }
    }

    private static boolean isGrey(byte[] colours) {
        for (int i = 0; i < colours.length; i += 3) {
            if (colours[i] != colours[i + 1] || colours[i] != colours[i + 2]) {
                return false;
            }
        }
        return true;
    }

    private static int to8Bits(int sample, int bits) {
        if (bits == 8) {
            return sample;
        }
        long max = (1L << bits) - 1;
        return (int) ((sample * 255L + max / 2) / max);
    }

    /** A picture at a place of a white one. */
    static Picture onWhite(Picture picture, int width, int height, int left, int top) {
        int channels = picture.channels();
        int row = picture.width() * channels;
        byte[] samples = new byte[Math.multiplyExact(Math.multiplyExact(width, height), channels)];
        Arrays.fill(samples, (byte) 255);
        for (int y = 0; y < picture.height(); y++) {
            System.arraycopy(picture.sharedSamples(), y * row, samples, ((y + top) * width + left) * channels, row);
        }
        return Picture.owning(width, height, channels, samples);
    }

    private static int onWhite(int sample, int alpha) {
        return (sample * alpha + 255 * (255 - alpha) + 127) / 255;
    }
}
