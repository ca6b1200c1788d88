package dev.mediator.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a file really is, told by its first bytes: for messages about a file that is not what its name promises. Downloads
 * and clones leave pointers, error pages and empty files where data were expected.
 */
public final class FileNature {
    /** How much of a file tells what it is. */
    public static final int START_BYTES = 1024;

    private static final int TAR_MAGIC_AT = 257;
    private static final int MOST_SHOWN = 60;

    /**
     * What a kind of file begins with.
     *
     * @param at where it stands
     * @param latin1 its bytes, as characters
     */
    private record Magic(int at, String latin1, String nature) {
        boolean matches(byte[] start) {
            byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
            int end = at + bytes.length;
            return end <= start.length && Arrays.equals(start, at, end, bytes, 0, bytes.length);
        }
    }

    private static final List<Magic> MAGICS = List.of(
            new Magic(
                    0,
                    "version https://git-lfs.github.com/spec/",
                    "a Git LFS pointer, not the file itself; 'git lfs pull' fetches it"),
            new Magic(
                    0,
                    "version https://hawser.github.com/spec/",
                    "a Git LFS pointer, not the file itself; 'git lfs pull' fetches it"),
            new Magic(0, "/annex/objects/", "a git-annex pointer, not the file itself; 'git annex get' fetches it"),
            new Magic(0, "PK\3\4", "a zip archive"),
            new Magic(0, "PK\5\6", "an empty zip archive"),
            new Magic(0, "\u001f\u008b", "compressed with gzip"),
            new Magic(0, "BZh", "compressed with bzip2"),
            new Magic(0, "\u00fd7zXZ\0", "compressed with xz"),
            new Magic(0, "(\u00b5/\u00fd", "compressed with zstd"),
            new Magic(0, "7z\u00bc\u00af'\u001c", "a 7z archive"),
            new Magic(0, "Rar!\u001a\7", "a RAR archive"),
            new Magic(TAR_MAGIC_AT, "ustar", "a tar archive"),
            new Magic(0, "\u0089HDF\r\n\u001a\n", "an HDF5 file"),
            new Magic(0, "GGUF", "a GGUF file"),
            new Magic(0, "\u0093NUMPY", "a NumPy array (.npy)"),
            new Magic(0, "\u0089PNG\r\n\u001a\n", "a PNG picture"),
            new Magic(0, "\u00ff\u00d8\u00ff", "a JPEG picture"),
            new Magic(0, "GIF8", "a GIF picture"),
            new Magic(8, "WEBP", "a WebP picture"),
            new Magic(0, "BM", "a BMP picture"),
            new Magic(0, "II*\0", "a TIFF picture"),
            new Magic(0, "MM\0*", "a TIFF picture"),
            new Magic(4, "ftyp", "a HEIC or AVIF picture or a video"),
            new Magic(4, "jP  \r\n", "a JPEG 2000 picture"),
            new Magic(0, "\u00ffO\u00ffQ", "a JPEG 2000 picture"),
            new Magic(4, "JXL \r\n", "a JPEG XL picture"),
            new Magic(0, "8BPS", "a Photoshop picture (.psd)"),
            new Magic(0, "\0\0\1\0", "an icon (.ico)"),
            new Magic(0, "v/1\1", "an OpenEXR picture"),
            new Magic(0, "DDS ", "a DirectDraw picture (.dds)"),
            new Magic(
                    0,
                    "\0\5\26\7",
                    "an AppleDouble file, in which macOS keeps attributes of the file of this name without '._'"),
            new Magic(0, "\0\5\26\0", "an AppleSingle file of macOS"),
            new Magic(0, "SQLite format 3\0", "an SQLite database"),
            new Magic(0, "PAR1", "a Parquet file"),
            new Magic(0, "ARROW1", "an Arrow file"),
            new Magic(0, "%PDF-", "a PDF document"),
            new Magic(0, "\u007fELF", "a program"));

    private FileNature() {}

    /**
     * What a file of this content is, as the end of the sentence “it is …”; empty if nothing is recognised.
     *
     * @throws IOException if the file cannot be read
     */
    public static Optional<String> of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return of(in.readNBytes(START_BYTES));
        }
    }

    /** The same of a file's first bytes: {@link #START_BYTES}, or all it has. */
    public static Optional<String> of(byte[] start) {
        if (start.length == 0) {
            return Optional.of("empty");
        }
        Optional<String> known = MAGICS.stream()
                .filter(magic -> magic.matches(start))
                .map(Magic::nature)
                .findFirst();
        if (known.isPresent()) {
            return known;
        }
        if (start.length >= 16 && allZero(start)) {
            return Optional.of(
                    "zeros where its content should begin, as an interrupted copy or a full disk leaves them");
        }
        return isText(start) ? Optional.of(text(start)) : Optional.empty();
    }

    /** “: it is …” if {@link #of} recognises the file, else nothing; for the end of a message. */
    public static String suffix(byte[] start) {
        return of(start).map(nature -> ": it is " + nature).orElse("");
    }

    private static boolean allZero(byte[] start) {
        for (byte b : start) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** Letters of any language, as UTF-8 or Latin-1 have them, and no control characters but those of texts. */
    private static boolean isText(byte[] start) {
        for (byte b : start) {
            boolean isControl = b == 0x7f || (b >= 0 && b < ' ');
            if (isControl && b != '\n' && b != '\r' && b != '\t' && b != '\f') {
                return false;
            }
        }
        String decoded = new String(start, 0, start.length, StandardCharsets.UTF_8);
        int unknown = decoded.indexOf('\ufffd'); // the last character may be cut off
        return unknown < 0 || (unknown >= decoded.length() - 3 && start.length == START_BYTES);
    }

    private static String text(byte[] start) {
        String text = new String(start, StandardCharsets.UTF_8).strip();
        if (text.startsWith("\ufeff")) {
            text = text.substring(1).strip();
        }
        if (text.isEmpty()) {
            return "blank text";
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.startsWith("<!doctype html") || lower.startsWith("<html") || lower.contains("<html")) {
            return "an HTML page, as a download leaves that met an error or asked for a login; download it again";
        } else if (lower.startsWith("<?xml") || lower.startsWith("<")) {
            return "XML, as a download leaves that met an error: '" + shown(text) + "'";
        }
        return "text: '" + shown(text) + "'";
    }

    private static String shown(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() > MOST_SHOWN ? line.substring(0, MOST_SHOWN) + "…" : line;
    }
}
