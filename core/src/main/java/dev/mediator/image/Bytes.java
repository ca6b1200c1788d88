package dev.mediator.image;

import java.nio.charset.StandardCharsets;

/** Looks at the bytes of a file. */
final class Bytes {
    private Bytes() {}

    /** True if these bytes lie at this place. */
    static boolean hasAt(byte[] file, int at, byte[] expected) {
        if (at < 0 || expected.length > file.length - at) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (file[at + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }

    /** True if this text, a character per byte, lies at this place. */
    static boolean hasAt(byte[] file, int at, String expected) {
        return hasAt(file, at, expected.getBytes(StandardCharsets.ISO_8859_1));
    }
}
