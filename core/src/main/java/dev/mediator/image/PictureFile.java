package dev.mediator.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads PNG, JPEG, WebP and BMP files. Palettes are resolved, deeper samples rounded to 8 bits, transparent pixels laid
 * on white, CMYK JPEGs converted, and JPEGs turned upright as their EXIF orientation says. Of an animation the first
 * picture is read.
 */
public final class PictureFile {
    private static final Set<String> EXTENSIONS = Set.of("png", "jpg", "jpeg", "webp", "bmp");
    private static final Set<String> FORMATS = Set.of("png", "jpeg", "webp", "bmp");
    private static final long MAX_PIXELS = 1L << 28;

    private PictureFile() {}

    /** True if a file's name has the extension of a format that can be read. */
    public static boolean isPictureName(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return dot > 0 && EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
    }

    /**
     * Reads a file; its format is found from its content, not from its name.
     *
     * @throws IOException if the file is missing, of another format, incomplete or damaged; the message names it
     */
    public static Picture read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " does not exist or is not a file");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            return decode(bytes);
        } catch (IOException | RuntimeException e) { // decoders answer damaged files with exceptions of every kind
            String reason = e instanceof IIOException ? String.valueOf(e.getMessage()) : "it is damaged or incomplete";
            throw new IOException(file + " cannot be read as an image: " + reason, e);
        }
    }

    private static Picture decode(byte[] bytes) throws IOException {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            ImageReader reader = readerFor(in);
            try {
                reader.setInput(in, true, false);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MAX_PIXELS) {
                    throw new IIOException("it has " + pixels + " pixels, allowed are " + MAX_PIXELS);
                }
                return switch (formatOf(reader)) {
                    case "jpeg" -> readJpeg(reader, JpegHeader.parse(bytes));
                    case "webp" -> readWebp(reader, bytes);
                    default -> AwtPictures.fromAwt(reader.read(0));
                };
            } finally {
                reader.dispose();
            }
        }
    }

    private static Picture readJpeg(ImageReader reader, JpegHeader header) throws IOException {
        if (!header.complete()) { // the decoder would fill the rest with grey
            throw new IIOException("it is truncated");
        }
        Picture stored = header.components() == 4
                ? header.fromFourComponents(reader.readRaster(0, null))
                : AwtPictures.fromAwt(reader.read(0));
        return header.orientation().apply(stored);
    }

    private static Picture readWebp(ImageReader reader, byte[] bytes) throws IOException {
        long claimed = 8
                + Integer.toUnsignedLong(
                        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(4));
        if (bytes.length < claimed) { // the decoder would go on with zeros
            throw new IIOException("it is truncated: " + bytes.length + " of " + claimed + " bytes are there");
        }
        return AwtPictures.fromAwt(reader.read(0));
    }

    private static ImageReader readerFor(ImageInputStream in) throws IIOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (FORMATS.contains(formatOf(reader))) {
                return reader;
            }
            reader.dispose();
        }
        throw new IIOException("it is not PNG, JPEG, WebP or BMP");
    }

    private static String formatOf(ImageReader reader) {
        try {
            return reader.getFormatName().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
