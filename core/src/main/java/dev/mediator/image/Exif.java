package dev.mediator.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What EXIF data (EXIF 2.3, a directory of TIFF 6.0) say about a picture's orientation. */
final class Exif {
    private static final byte[] PREFIX = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final int ORIENTATION_TAG = 274;
    private static final int SHORT = 3;
    private static final int LONG = 4;

    private Exif() {}

    /** True if EXIF data with the prefix that JPEG gives them lie at this place of a file. */
    static boolean hasPrefix(byte[] file, int at) {
        return Bytes.hasAt(file, at, PREFIX);
    }

    /**
     * The orientation of EXIF data, with or without the prefix of JPEG; none if the data are damaged, which leaves the
     * picture itself intact.
     */
    static Orientation orientation(byte[] file, int from, int length) {
        int prefix = hasPrefix(file, from) ? PREFIX.length : 0;
        try {
            ByteBuffer tiff =
                    ByteBuffer.wrap(file, from + prefix, length - prefix).slice();
            tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int directory = tiff.getInt(4);
            int entries = Short.toUnsignedInt(tiff.getShort(directory));
            for (int entry = directory + 2; entry < directory + 2 + 12 * entries; entry += 12) {
                if (tiff.getShort(entry) == ORIENTATION_TAG) {
                    return switch (tiff.getShort(entry + 2)) {
                        case SHORT -> Orientation.of(tiff.getShort(entry + 8));
                        case LONG -> Orientation.of(tiff.getInt(entry + 8));
                        default -> Orientation.NONE;
                    };
                }
            }
        } catch (IndexOutOfBoundsException e) {
            return Orientation.NONE;
        }
        return Orientation.NONE;
    }
}
