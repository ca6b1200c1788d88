package dev.mediator.image;

import dev.mediator.file.WholeFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes PNG files: lossless, without time stamps or other metadata, so that the same pixels give the same bytes. */
public final class PngFile {
    private PngFile() {}

    /**
     * Writes a picture, whole or not at all.
     *
     * @param file the target; replaced if it exists, folders are made as needed
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, Picture picture) throws IOException {
        WholeFile.write(file, encode(picture));
    }

    /** The bytes of a PNG file. */
    public static byte[] encode(Picture picture) {
        BufferedImage image = AwtPictures.toAwt(picture);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(image);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot be written to", e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
