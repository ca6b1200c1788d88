package dev.mediator.file;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Names of files that this Java can say. It decodes and encodes them as the locale tells. Under {@code LC_ALL=C} it knows ASCII
 * only: other letters become question marks, and relative paths lead into a folder other than the current one. Under a UTF-8 locale
 * the same happens to names that are not UTF-8, such as those of old archives. Every reader and writer of the library has a path
 * checked here first.
 */
public final class FileNames {
    /** What Java puts where it could not decode. */
    private static final String UNKNOWN = "\ufffd";

    /** As in {@code java.base}; fixed when Java starts. */
    private static final String ENCODING = System.getProperty("sun.jnu.encoding", "UTF-8");

    private FileNames() {}

    /**
     * A path from text.
     *
     * @throws IllegalArgumentException if no file can have this name, here or at all, or letters of it got lost; the message tells
     *     which
     */
    public static Path path(String text) {
        requireDecoded(text);
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(explained(e), e);
        }
    }

    /**
     * Checks a text from outside, such as an argument of a program, that may be a name.
     *
     * @throws IllegalArgumentException if letters of it got lost; the message tells what to do
     */
    public static void requireDecoded(String text) {
        if (text.contains(UNKNOWN)) {
            throw new IllegalArgumentException("'" + text + "': " + advice());
        }
    }

    /**
     * The same path, if its name is known as it is.
     *
     * @throws IOException if letters of it, or of the current folder that it starts from, got lost; the message tells what to do
     */
    public static Path require(Path path) throws IOException {
        if (path.toString().contains(UNKNOWN) || (isFolderUnknown() && isBelowFolder(path))) {
            throw new IOException(path + ": " + advice());
        }
        return path;
    }

    /**
     * Checks that paths relative to the current folder lead there.
     *
     * @throws IOException if its name has letters that got lost; the message tells what to do
     */
    public static void requireCurrentFolder() throws IOException {
        if (isFolderUnknown()) {
            throw new IOException("the current folder, " + System.getProperty("user.dir") + ": " + advice());
        }
    }

    /** What is wrong with a text that is no path, and what to set if it is the locale. */
    public static String explained(InvalidPathException failure) {
        return knowsAll() || failure.getInput().chars().allMatch(letter -> letter < 128)
                ? "'" + failure.getInput() + "' is no path: " + failure.getReason()
                : "'" + failure.getInput() + "': " + advice();
    }

    private static String advice() {
        if (knowsAll()) {
            return "this name is not UTF-8, as the locale's names are, and letters of it got lost where '" + UNKNOWN
                    + "' stands; rename the file or folder";
        }
        return "the locale's encoding, " + ENCODING
                + ", lacks letters of this name; start Java under a UTF-8 locale, such as"
                + " LC_ALL=C.UTF-8 in the environment";
    }

    private static boolean knowsAll() {
        return Charset.isSupported(ENCODING) && Charset.forName(ENCODING).equals(StandardCharsets.UTF_8);
    }

    private static boolean isFolderUnknown() {
        return System.getProperty("user.dir").contains(UNKNOWN);
    }

    private static boolean isBelowFolder(Path path) {
        return !path.isAbsolute() || path.startsWith(Path.of("").toAbsolutePath());
    }
}
