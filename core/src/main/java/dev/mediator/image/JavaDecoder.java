package dev.mediator.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Java's decoders of image files. */
final class JavaDecoder {
    private static final long MAX_PIXELS = 1L << 28;

    private JavaDecoder() {}

    /** What is wanted of a decoder. */
    private interface Reading<T> {
        T from(ImageReader reader) throws IOException;
    }

    /** The first picture of a file. */
    static BufferedImage read(String format, byte[] file) throws IOException {
        return read(format, file, reader -> reader.read(0));
    }

    /** Its samples as they are stored, without conversion of colours. */
    static Raster readRaster(String format, byte[] file) throws IOException {
        return read(format, file, reader -> reader.readRaster(0, null));
    }

    static void requireFewPixels(int width, int height) throws IIOException {
        long pixels = (long) width * height;
        if (pixels > MAX_PIXELS) {
            throw new IIOException("it has " + pixels + " pixels, allowed are " + MAX_PIXELS);
        }
    }

    private static <T> T read(String format, byte[] file, Reading<T> reading) throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader.setInput(in, true, true);
            requireFewPixels(reader.getWidth(0), reader.getHeight(0));
            return reading.from(reader);
        } finally {
            reader.dispose();
        }
    }
}
