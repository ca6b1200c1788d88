package dev.mediator.image;

import dev.mediator.file.FileNames;
import dev.mediator.file.FileNature;
import dev.mediator.tensor.Cancellation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.imageio.IIOException;

/**
 * Reads PNG, JPEG, WebP and BMP files. Palettes are resolved, deeper samples rounded to 8 bits, transparent pixels laid
 * on white, CMYK JPEGs converted, and pictures turned upright as their EXIF orientation says. Colour profiles and gamma are
 * ignored. Of an animation the first picture is read.
 */
public final class PictureFile {
    private static final Set<String> EXTENSIONS = Set.of("png", "jpg", "jpeg", "webp", "bmp");

    private static final int BMP_HEADER_BYTES = 26;

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
        FileNames.require(file);
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

    /** Those of some files, in their order, that {@link #read} refuses: only decoding a whole file tells. */
    public static List<Path> unreadable(List<Path> files) {
        Runnable check = Cancellation.checkOfThisThread();
        return files.parallelStream()
                .filter(file -> {
                    check.run();
                    return !isReadable(file);
                })
                .toList();
    }

    private static boolean isReadable(Path file) {
        try {
            read(file);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Picture decode(byte[] bytes) throws IOException {
        if (Bytes.hasAt(bytes, 0, PngContainer.SIGNATURE)) {
            return readPng(PngContainer.parse(bytes));
        } else if (JpegHeader.isOne(bytes)) {
            return readJpeg(bytes);
        } else if (WebpContainer.isOne(bytes)) {
            return WebpContainer.parse(bytes).picture();
        } else if (Bytes.hasAt(bytes, 0, "BM")) {
            return readBmp(bytes);
        }
        byte[] start = Arrays.copyOf(bytes, Math.min(bytes.length, FileNature.START_BYTES));
        throw new IIOException("it is not PNG, JPEG, WebP or BMP" + FileNature.suffix(start));
    }

    private static Picture readPng(PngContainer png) throws IOException {
        try {
            return png.orientation().apply(AwtPictures.fromAwt(JavaDecoder.read("png", png.samples())));
        } catch (IOException | RuntimeException e) {
            if (e instanceof IIOException && !String.valueOf(e.getMessage()).contains("rror reading PNG")) {
                throw e;
            }
            throw new IIOException(png.damage(), e);
        }
    }

    /** The header tells how large the file is, but not all programs write it, so it is asked only if decoding fails. */
    private static Picture readBmp(byte[] bytes) throws IOException {
        try {
            return AwtPictures.fromAwt(JavaDecoder.read("bmp", bytes));
        } catch (IOException | RuntimeException e) {
            int told = bytes.length < 6
                    ? 0
                    : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(2);
            if (bytes.length < BMP_HEADER_BYTES || Integer.compareUnsigned(bytes.length, told) < 0) {
                throw new IIOException(
                        "it is truncated: it has " + bytes.length + " bytes"
                                + (told == 0 ? "" : ", its header tells of " + Integer.toUnsignedString(told)),
                        e);
            }
            throw e;
        }
    }

    private static Picture readJpeg(byte[] bytes) throws IOException {
        JpegHeader header = JpegHeader.parse(bytes);
        if (!header.complete()) { // the decoder would fill the rest with grey
            throw new IIOException("it is truncated: its last bytes, with the end marker, are not there");
        }
        byte[] samples = header.forDecoder(bytes);
        Picture stored = header.components() == 4
                ? header.fromFourComponents(JavaDecoder.readRaster("jpeg", samples))
                : AwtPictures.fromAwt(JavaDecoder.read("jpeg", samples));
        return header.orientation().apply(stored);
    }
}
