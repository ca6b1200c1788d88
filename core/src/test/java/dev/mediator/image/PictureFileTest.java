package dev.mediator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureFileTest {
    @TempDir
    Path folder;

    @Test
    void readsGreyAndColourPng() throws IOException {
        assertThat(png(8, 0, new int[] {3, 1}, 10, 128, 230)).isEqualTo(grey(10, 128, 230));
        assertThat(png(8, 2, new int[] {2, 1}, 1, 2, 3, 200, 100, 50))
                .isEqualTo(Picture.of(2, 1, 3, bytes(1, 2, 3, 200, 100, 50)));
        assertThat(png(1, 0, new int[] {8, 1}, 0xa5)).isEqualTo(grey(255, 0, 255, 0, 0, 255, 0, 255));
        assertThat(png(4, 0, new int[] {4, 1}, 0x04, 0x8f)).isEqualTo(grey(0, 68, 136, 255));
    }

    @Test
    void laysTransparentPixelsOnWhite() throws IOException {
        assertThat(png(8, 4, new int[] {3, 1}, 100, 255, 100, 128, 100, 0)).isEqualTo(grey(100, 177, 255));
        assertThat(png(8, 6, new int[] {2, 1}, 10, 20, 30, 255, 10, 20, 30, 51))
                .isEqualTo(Picture.of(2, 1, 3, bytes(10, 20, 30, 206, 208, 210)));
    }

    @Test
    void roundsSixteenBitSamples() throws IOException {
        // 0x0101 = 257 is exactly 1, 0x8000 is 127.502, 1000 is 3.89
        assertThat(png(16, 2, new int[] {2, 1}, 0, 0, 1, 1, 255, 255, 0x80, 0, 1000 >> 8, 1000 & 255, 0x9c, 0x40))
                .isEqualTo(Picture.of(2, 1, 3, bytes(0, 1, 255, 128, 4, 156)));
        assertThat(png(16, 4, new int[] {2, 1}, 100, 100, 255, 255, 100, 100, 0, 0))
                .isEqualTo(grey(100, 255));
    }

    @Test
    void resolvesPalettesWithAndWithoutAlpha() throws IOException {
        byte[] red = bytes(255, 0, 0, 9);
        byte[] green = bytes(0, 255, 0, 9);
        byte[] blue = bytes(0, 0, 255, 9);
        assertThat(palette(new IndexColorModel(2, 4, red, green, blue)))
                .isEqualTo(Picture.of(4, 1, 3, bytes(255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9)));
        assertThat(palette(new IndexColorModel(2, 4, red, green, blue, bytes(255, 128, 0, 255))))
                .isEqualTo(Picture.of(4, 1, 3, bytes(255, 0, 0, 127, 255, 127, 255, 255, 255, 9, 9, 9)));
    }

    @Test
    void readsBmpAndJpeg() throws IOException {
        BufferedImage image = gradient();
        Path bmp = folder.resolve("a.bmp");
        ImageIO.write(image, "bmp", bmp.toFile());
        assertThat(PictureFile.read(bmp)).isEqualTo(AwtPictures.fromAwt(image));
        Path jpeg = folder.resolve("named.png"); // the content counts
        ImageIO.write(image, "jpeg", jpeg.toFile());
        assertClose(PictureFile.read(jpeg), AwtPictures.fromAwt(image), 40);
        BufferedImage grey = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
        Arrays.fill(((DataBufferByte) grey.getRaster().getDataBuffer()).getData(), (byte) 100);
        ImageIO.write(grey, "jpeg", jpeg.toFile());
        assertThat(PictureFile.read(jpeg)).isEqualTo(AwtPictures.fromAwt(grey));
    }

    @Test
    void readsWebp() throws IOException {
        Picture expected = AwtPictures.fromAwt(gradient());
        assertThat(PictureFile.read(resource("gradient.webp"))).isEqualTo(expected);
        Picture lossy = PictureFile.read(resource("lossy.webp"));
        assertPixel(lossy, 7, 5, 10, 67, 78, 192); // as libwebp decodes it, which smoothes the halved chroma planes
        assertPixel(lossy, 23, 15, 10, 230, 221, 76);
        Picture transparent = PictureFile.read(resource("transparent.webp"));
        assertPixel(transparent, 0, 9, 0, 255, 255, 255);
        // alpha 70: (70·70 + 255·185)/255 = 204.2, (75·70 + …)/255 = 205.6, (195·70 + …)/255 = 238.5
        assertPixel(transparent, 7, 5, 1, 204, 206, 239);
    }

    @Test
    void convertsPrintColours() throws IOException {
        // Pillow's values for the same files
        Picture cmyk = PictureFile.read(resource("cmyk.jpg"));
        assertPixel(cmyk, 0, 0, 2, 255, 255, 215);
        assertPixel(cmyk, 7, 5, 2, 159, 155, 185);
        assertPixel(cmyk, 23, 15, 2, 14, 17, 119);
        Picture ycck = PictureFile.read(resource("ycck.jpg"));
        assertPixel(ycck, 0, 0, 2, 0, 106, 0);
        assertPixel(ycck, 7, 5, 2, 0, 129, 0);
        assertPixel(ycck, 23, 15, 2, 60, 141, 141);
    }

    @Test
    void turnsPhotographsUpright() throws IOException {
        BufferedImage image = new BufferedImage(24, 16, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 16; y++) {
            for (int x = 0; x < 24; x++) { // dark, with a bright square at the top left and a grey one at the top right
                int value = y < 8 && x < 8 ? 250 : y < 8 && x >= 16 ? 120 : 10;
                image.getRaster().setSample(x, y, 0, value);
            }
        }
        // where the bright and the grey corner go: 0 top left, 1 top right, 2 bottom right, 3 bottom left
        int[][] corners = {{0, 1}, {1, 0}, {2, 3}, {3, 2}, {0, 3}, {1, 2}, {2, 1}, {3, 0}};
        for (int value = 1; value <= 8; value++) {
            Path file = folder.resolve("exif.jpg");
            for (boolean littleEndian : new boolean[] {false, true}) {
                Files.write(file, withOrientation(jpeg(image), value, littleEndian));
                Picture upright = PictureFile.read(file);
                assertThat(upright.width()).isEqualTo(value < 5 ? 24 : 16);
                assertThat(corner(upright, corners[value - 1][0]))
                        .as("EXIF %d", value)
                        .isCloseTo(250, within(3));
                assertThat(corner(upright, corners[value - 1][1]))
                        .as("EXIF %d", value)
                        .isCloseTo(120, within(3));
            }
        }
    }

    @Test
    void damagedExifDataDoesNotHarmThePicture() throws IOException {
        byte[] file = withOrientation(jpeg(gradient()), 6, false);
        int offset = 2 + 4 + 6 + 4; // of the directory
        ByteBuffer.wrap(file).putInt(offset, 0x7fffff00);
        Path path = folder.resolve("exif.jpg");
        Files.write(path, file);
        assertThat(PictureFile.read(path).width()).isEqualTo(24);
    }

    @Test
    void unreadableFilesAreNamed() throws IOException {
        assertUnreadable("text.png", "not an image".getBytes(StandardCharsets.UTF_8), "it is not PNG");
        assertUnreadable("empty.jpg", new byte[0], "it is empty");
        String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
        assertUnreadable("pointer.png", pointer.getBytes(StandardCharsets.UTF_8), "it is a Git LFS pointer");
        assertUnreadable("page.jpg", "<html></html>".getBytes(StandardCharsets.UTF_8), "it is an HTML page");
        assertUnreadable("moving.png", "GIF89a\1\0\1\0".getBytes(StandardCharsets.UTF_8), "it is a GIF picture");
        assertThatIOException()
                .isThrownBy(() -> PictureFile.read(folder.resolve("nothing.png")))
                .withMessageContaining("nothing.png does not exist");
        assertThatIOException()
                .isThrownBy(() -> PictureFile.read(folder))
                .withMessageContaining(folder + " does not exist or is not a file");
    }

    @Test
    void truncatedFilesAreRefusedInEveryFormat() throws IOException {
        BufferedImage noise = new BufferedImage(100, 80, BufferedImage.TYPE_3BYTE_BGR);
        new Random(1).nextBytes(((DataBufferByte) noise.getRaster().getDataBuffer()).getData());
        for (String format : new String[] {"png", "bmp", "jpeg"}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(noise, format, out);
            for (double part : new double[] {0.1, 0.5, 0.9}) {
                assertUnreadable("cut." + format, Arrays.copyOf(out.toByteArray(), (int) (out.size() * part)), "cut.");
            }
        }
        for (String name : new String[] {"gradient.webp", "lossy.webp"}) {
            byte[] whole = Files.readAllBytes(resource(name));
            assertUnreadable(name, Arrays.copyOf(whole, whole.length - 8), "truncated");
            assertUnreadable(name, Arrays.copyOf(whole, 21), name);
        }
    }

    @Test
    void damageIsSaidAsWhatItIs() throws IOException {
        byte[] sound = pngBytes(8, 0, 1, 1, 7);
        int samples = new String(sound, StandardCharsets.ISO_8859_1).indexOf("IDAT") + 4;
        byte[] flipped = sound.clone();
        flipped[samples] ^= 1;
        assertUnreadable("flipped.png", flipped, "it is damaged: the checksum of its chunk IDAT is wrong");
        assertUnreadable("zero.png", pngBytes(8, 0, 0, 0, 0), "it has 0×0 pixels, allowed is 1×1 or more");
        BufferedImage image = new BufferedImage(10, 8, BufferedImage.TYPE_3BYTE_BGR);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "bmp", out);
        byte[] bmp = out.toByteArray();
        for (int length : new int[] {10, 30, bmp.length / 2}) {
            assertUnreadable(
                    "cut.bmp",
                    Arrays.copyOf(bmp, length),
                    "it is truncated: it has " + length + " bytes, its header tells of " + bmp.length);
        }
    }

    @Test
    void hugePicturesAreRefusedBeforeTheyAreDecoded() throws IOException {
        assertUnreadable("bomb.png", pngBytes(8, 0, 100_000, 100_000, 0), "10000000000 pixels");
    }

    @Test
    void namesOfPicturesAreRecognized() {
        for (String name : new String[] {"a.png", "b.JPG", "c.jpeg", "d.WebP", "e.bmp"}) {
            assertThat(PictureFile.isPictureName(Path.of("x", name))).isTrue();
        }
        for (String name : new String[] {"a.gif", "png", "b.txt", "c.png.tmp", ".png", ".."}) {
            assertThat(PictureFile.isPictureName(Path.of(name))).as(name).isFalse();
        }
    }

    private void assertUnreadable(String name, byte[] content, String part) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, content);
        assertThatIOException()
                .isThrownBy(() -> PictureFile.read(file))
                .withMessageStartingWith(file.toString())
                .withMessageContaining(part);
    }

    private static void assertPixel(Picture picture, int x, int y, int tolerance, int... expected) {
        for (int c = 0; c < 3; c++) {
            assertThat(picture.sample(x, y, c)).isCloseTo(expected[c], within(tolerance));
        }
    }

    private static void assertClose(Picture found, Picture expected, int tolerance) {
        assertThat(found.toString()).isEqualTo(expected.toString());
        for (int y = 0; y < expected.height(); y++) {
            for (int x = 0; x < expected.width(); x++) {
                assertPixel(
                        found,
                        x,
                        y,
                        tolerance,
                        expected.sample(x, y, 0),
                        expected.sample(x, y, 1),
                        expected.sample(x, y, 2));
            }
        }
    }

    private static int corner(Picture picture, int corner) {
        int x = corner == 0 || corner == 3 ? 3 : picture.width() - 4;
        return picture.sample(x, corner < 2 ? 3 : picture.height() - 4, 0);
    }

    private static BufferedImage gradient() {
        BufferedImage image = new BufferedImage(24, 16, BufferedImage.TYPE_3BYTE_BGR);
        for (int y = 0; y < 16; y++) {
            for (int x = 0; x < 24; x++) {
                image.getRaster().setPixel(x, y, new int[] {10 * x, 15 * y, Math.max(0, 255 - 5 * x - 5 * y)});
            }
        }
        return image;
    }

    private static byte[] jpeg(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", out);
        return out.toByteArray();
    }

    private static byte[] withOrientation(byte[] jpeg, int orientation, boolean littleEndian) {
        ByteBuffer segment = ByteBuffer.allocate(2 + 2 + 6 + 8 + 2 + 12 + 4);
        segment.putShort((short) 0xffe1).putShort((short) (segment.capacity() - 2));
        segment.put(bytes('E', 'x', 'i', 'f', 0, 0));
        segment.order(littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        segment.put(littleEndian ? bytes('I', 'I') : bytes('M', 'M'))
                .putShort((short) 42)
                .putInt(8);
        segment.putShort((short) 1)
                .putShort((short) 274)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation);
        return ByteBuffer.allocate(jpeg.length + segment.capacity())
                .put(jpeg, 0, 2)
                .put(segment.array())
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    private Picture palette(IndexColorModel colours) throws IOException {
        BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_BINARY, colours);
        image.getRaster().setPixels(0, 0, 4, 1, new int[] {0, 1, 2, 3});
        Path file = folder.resolve("palette.png");
        ImageIO.write(image, "png", file.toFile());
        return PictureFile.read(file);
    }

    private Picture png(int bits, int type, int[] size, int... row) throws IOException {
        Path file = folder.resolve("written.png");
        Files.write(file, pngBytes(bits, type, size[0], size[1], row));
        return PictureFile.read(file);
    }

    /** A PNG file of one row, by the specification, for formats that Java does not write as they are. */
    private static byte[] pngBytes(int bits, int type, int width, int height, int... row) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(data)) {
            deflater.write(0);
            deflater.write(bytes(row));
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(bytes(0x89, 'P', 'N', 'G', 13, 10, 26, 10));
        ByteBuffer header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put((byte) bits)
                .put((byte) type);
        writeChunk(file, "IHDR", header.array());
        writeChunk(file, "IDAT", data.toByteArray());
        writeChunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    private static void writeChunk(ByteArrayOutputStream file, String type, byte[] content) throws IOException {
        byte[] typed = ByteBuffer.allocate(4 + content.length)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .put(content)
                .array();
        CRC32 checksum = new CRC32();
        checksum.update(typed);
        file.write(ByteBuffer.allocate(4).putInt(content.length).array());
        file.write(typed);
        file.write(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
    }

    private static Picture grey(int... samples) {
        return Picture.of(samples.length, 1, 1, bytes(samples));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static Path resource(String name) {
        try {
            return Path.of(
                    PictureFileTest.class.getResource("/pictures/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
