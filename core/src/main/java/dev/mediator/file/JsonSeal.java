package dev.mediator.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checksum of a JSON object, kept as its last field: {@code "checksum" : "crc32c 0123abcd"}. It is the CRC-32C of the object's
 * text without that field and without white space between its parts, so that a file which was only laid out anew still has it.
 */
final class JsonSeal {
    private static final String FIELD = "checksum";
    private static final String KIND = "crc32c ";

    /** A string field at the end of an object. */
    private static final Pattern LAST =
            Pattern.compile(",?\\s*\"([^\"\\\\]{0,64})\"\\s*:\\s*\"([^\"\\\\]{0,64})\"\\s*}\\s*$");

    private static final Pattern STRING_OR_SPACE = Pattern.compile("(\"(?:[^\"\\\\]|\\\\.)*+\")|\\s+");

    private static final int LAST_CHARACTERS = 512;

    private JsonSeal() {}

    /** The object with its checksum. */
    static String close(String object) {
        String begun = object.strip();
        begun = begun.substring(0, begun.length() - 1).stripTrailing();
        String separator = begun.endsWith("{") ? "" : ",";
        return begun + separator + "\n  \"" + FIELD + "\" : \"" + checksum(begun) + "\"\n}\n";
    }

    /**
     * A text without its checksum; one that has none is returned as it is.
     *
     * @param file for messages
     * @throws IOException if the checksum is of another text
     */
    static String open(String text, Path file) throws IOException {
        Matcher last = last(text);
        if (last == null) {
            return text;
        }
        String begun = text.substring(0, last.start());
        if (!last.group(1).equals(FIELD) || !last.group(2).equals(checksum(begun))) {
            throw new IOException(file + " is damaged: its content is not what its checksum says. If it was changed on"
                    + " purpose, take the field '" + FIELD + "' out of it");
        }
        return begun + "}";
    }

    static boolean isOn(String text) {
        return last(text) != null;
    }

    /** The last field, if its name or its value say that it is a checksum: one of the two may be damaged. */
    private static @Nullable Matcher last(String text) {
        Matcher matcher = LAST.matcher(text).region(Math.max(0, text.length() - LAST_CHARACTERS), text.length());
        return matcher.find()
                        && (matcher.group(1).equals(FIELD) || matcher.group(2).startsWith(KIND))
                ? matcher
                : null;
    }

    private static String checksum(String begun) {
        CRC32C crc = new CRC32C();
        crc.update(STRING_OR_SPACE
                .matcher(begun)
                .replaceAll(match -> match.group(1) == null ? "" : Matcher.quoteReplacement(match.group(1)))
                .getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, KIND + "%08x", crc.getValue());
    }
}
