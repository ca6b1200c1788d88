package dev.mediator.image;

import java.awt.image.Raster;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What the markers of a JPEG file say beside its samples (ITU-T T.81, annex B; EXIF 2.3; Adobe technical note 5116).
 *
 * @param components samples per pixel: 1 grey, 3 colour, 4 for print
 * @param ycck whether four components are luma, chroma and black instead of cyan, magenta, yellow and black
 * @param orientation what turns the picture upright
 * @param complete whether the end of the image is there
 */
record JpegHeader(int components, boolean ycck, Orientation orientation, boolean complete) {
    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;
    private static final int APP1 = 0xE1;
    private static final int APP14 = 0xEE;
    private static final int ORIENTATION_TAG = 274;
    private static final int SHORT = 3;

    static JpegHeader parse(byte[] file) {
        int components = 0;
        boolean ycck = false;
        Orientation orientation = Orientation.NONE;
        int at = 2; // behind the start of image
        while (at + 4 <= file.length) {
            int marker = file[at + 1] & 0xff;
            if ((file[at] & 0xff) != 0xff || marker == 0xff) {
                at++; // fill bytes
                continue;
            }
            int length = (file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff);
            int content = at + 4;
            if (length < 2 || content + length - 2 > file.length) {
                break;
            }
            if (marker == START_OF_SCAN) {
                return new JpegHeader(components, ycck, orientation, hasEnd(file, content));
            } else if (isFrame(marker) && length > 7) {
                components = file[content + 5] & 0xff;
            } else if (marker == APP14 && length > 13 && startsWith(file, content, "Adobe")) {
                ycck = file[content + 11] == 2;
            } else if (marker == APP1 && startsWith(file, content, "Exif\0\0")) {
                orientation = orientation(
                        ByteBuffer.wrap(file, content + 6, length - 8).slice());
            }
            at = content + length - 2;
        }
        return new JpegHeader(components, ycck, orientation, false);
    }

    /**
     * A colour picture of stored four-component samples, ink by ink: a primary is what its ink and the black ink let
     * pass. Writers store such samples inverted, 255 for no ink.
     */
    Picture fromFourComponents(Raster stored) {
        int width = stored.getWidth();
        byte[] samples = new byte[width * stored.getHeight() * 3];
        int[] row = new int[width * 4];
        for (int y = 0; y < stored.getHeight(); y++) {
            stored.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int[] passed = ycck ? fromYcc(row, 4 * x) : new int[] {row[4 * x], row[4 * x + 1], row[4 * x + 2]};
                for (int c = 0; c < 3; c++) {
                    samples[(y * width + x) * 3 + c] = (byte) ((passed[c] * row[4 * x + 3] + 127) / 255);
                }
            }
        }
        return Picture.owning(width, stored.getHeight(), 3, samples);
    }

    private static int[] fromYcc(int[] row, int at) {
        double luma = row[at];
        double blue = row[at + 1] - 128;
        double red = row[at + 2] - 128;
        return new int[] {
            255 - clamp(luma + 1.402 * red),
            255 - clamp(luma - 0.344136 * blue - 0.714136 * red),
            255 - clamp(luma + 1.772 * blue)
        };
    }

    private static int clamp(double sample) {
        return (int) Math.max(0, Math.min(255, Math.rint(sample)));
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }

    /** Inside of scans 0xFF is never followed by an end marker's second byte, so any such pair is the end. */
    private static boolean hasEnd(byte[] file, int from) {
        for (int i = file.length - 2; i >= from; i--) {
            if ((file[i] & 0xff) == 0xff && (file[i + 1] & 0xff) == END_OF_IMAGE) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] file, int at, String text) {
        byte[] prefix = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < prefix.length; i++) {
            if (at + i >= file.length || file[at + i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private static Orientation orientation(ByteBuffer tiff) {
        try {
            tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int directory = tiff.getInt(4);
            int entries = Short.toUnsignedInt(tiff.getShort(directory));
            for (int entry = directory + 2; entry < directory + 2 + 12 * entries; entry += 12) {
                if (tiff.getShort(entry) == ORIENTATION_TAG && tiff.getShort(entry + 2) == SHORT) {
                    return Orientation.of(tiff.getShort(entry + 8));
                }
            }
        } catch (IndexOutOfBoundsException e) {
            return Orientation.NONE; // damaged EXIF data leaves the picture itself intact
        }
        return Orientation.NONE;
    }
}
