package dev.mediator.image;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What the markers of a JPEG file say beside its samples (ITU-T T.81, annex B; EXIF 2.3; Adobe technical note 5116).
 *
 * @param components samples per pixel: 1 grey, 3 colour, 4 for print
 * @param ycck whether four components are luma, chroma and black instead of cyan, magenta, yellow and black
 * @param orientation what turns the picture upright
 * @param namesColours whether something tells what three components are: a marker of JFIF or Adobe, or the letters R, G, B
 * @param profiles where the parts of a colour profile lie, from and to
 * @param complete whether the end of the image is there
 */
record JpegHeader(
        int components,
        boolean ycck,
        Orientation orientation,
        boolean namesColours,
        List<int[]> profiles,
        boolean complete) {
    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;

    /** A marker of version 1.1 with an aspect ratio of 1 : 1 and no thumbnail. */
    private static final String JFIF = "\u00ff\u00e0\0\u0010JFIF\0\1\1\0\0\1\0\1\0\0";

    /** True if a file begins as JPEG does. */
    static boolean isOne(byte[] file) {
        return Bytes.hasAt(file, 0, "\u00ff\u00d8\u00ff");
    }

    static JpegHeader parse(byte[] file) {
        int components = 0;
        boolean ycck = false;
        Orientation orientation = Orientation.NONE;
        boolean namesColours = false;
        List<int[]> profiles = new ArrayList<>();
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
                return new JpegHeader(components, ycck, orientation, namesColours, profiles, hasEnd(file, content));
            } else if (isFrame(marker) && length > 7) {
                components = file[content + 5] & 0xff;
                namesColours |= components == 3 && length > 16 && file[content + 6] == 'R';
            } else if (marker == APP0 && Bytes.hasAt(file, content, "JFIF\0")) {
                namesColours = true;
            } else if (marker == APP14 && length > 13 && Bytes.hasAt(file, content, "Adobe")) {
                ycck = file[content + 11] == 2;
                namesColours = true;
            } else if (marker == APP1 && Exif.hasPrefix(file, content)) {
                orientation = Exif.orientation(file, content, length - 2);
            } else if (marker == APP2 && Bytes.hasAt(file, content, "ICC_PROFILE\0")) {
                profiles.add(new int[] {at, content + length - 2});
            }
            at = content + length - 2;
        }
        return new JpegHeader(components, ycck, orientation, namesColours, profiles, false);
    }

    /**
     * The same picture for Java's decoder: without its colour profile, which the decoder would apply, and as a JFIF file if
     * nothing tells what its colours are, which the decoder would then take for red, green and blue.
     */
    byte[] forDecoder(byte[] file) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(file.length + JFIF.length());
        out.write(file, 0, 2);
        if (components == 3 && !namesColours) {
            out.writeBytes(JFIF.getBytes(StandardCharsets.ISO_8859_1));
        }
        int from = 2;
        for (int[] part : profiles) {
            out.write(file, from, part[0] - from);
            from = part[1];
        }
        out.write(file, from, file.length - from);
        return out.toByteArray();
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
}
