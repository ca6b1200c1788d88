package dev.mediator.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file cannot be written, for a reason that lies outside of the program: a full disk, a missing permission. The message names
 * the file and the reason. What bore the file's name before is as it was.
 */
public final class CannotWriteException extends IOException {
    private static final double MEGABYTE = 1e6;

    /** What systems say, and what it means. */
    private record Reason(String said, String meaning) {}

    private static final String FULL = "the disk is full";
    private static final String QUOTA = "the disk quota is used up";

    private static final List<Reason> REASONS = List.of(
            new Reason("no space left", FULL),
            new Reason("not enough space", FULL),
            new Reason("quota exceeded", QUOTA),
            new Reason("file too large", "it would be larger than this process or its file system may write"),
            new Reason("read-only file system", "its file system is read-only"),
            new Reason("too many open files", "too many files are open ('ulimit -n' tells how many may be)"),
            new Reason("file name too long", "its name is too long"),
            new Reason("permission denied", "permission denied"),
            new Reason("operation not permitted", "permission denied"),
            new Reason("not a directory", "a part of its path is a file, not a folder"),
            new Reason("input/output error", "the disk reports an error"));

    private CannotWriteException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * The failure of writing a file: one of these if the reason is one of the system's, else the exception as it is.
     *
     * @param file that was to be written
     */
    public static IOException of(Path file, IOException failure) {
        if (failure instanceof CannotWriteException) {
            return failure;
        }
        if (failure instanceof NoSuchFileException missing && isTemporaryOf(file, missing)) {
            return new CannotWriteException(file + " cannot be written: its folder takes no new files", failure);
        }
        @Nullable String reason = reason(failure);
        return reason == null
                ? failure
                : new CannotWriteException(file + " cannot be written: " + reason + space(file, reason), failure);
    }

    /** True if the missing file is the target's temporary file or lock, in a folder that exists: it takes no new files. */
    private static boolean isTemporaryOf(Path file, NoSuchFileException missing) {
        Path made = Path.of(missing.getFile()).toAbsolutePath();
        Path folder = file.toAbsolutePath().getParent();
        String name = String.valueOf(made.getFileName());
        return folder != null
                && Files.isDirectory(folder)
                && folder.normalize().equals(made.normalize().getParent())
                && (name.startsWith(".") || name.endsWith(".tmp"));
    }

    private static @Nullable String reason(IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        } else if (failure instanceof NoSuchFileException) {
            return null; // something that is read
        }
        @Nullable
        String said = failure instanceof FileSystemException system ? system.getReason() : failure.getMessage();
        String lower = said == null ? "" : said.toLowerCase(Locale.ROOT);
        return REASONS.stream()
                .filter(reason -> lower.contains(reason.said))
                .map(Reason::meaning)
                .findFirst()
                .orElse(null);
    }

    /** How much is left on a full disk: little may be enough for a small file, and not for this one. */
    private static String space(Path file, String reason) {
        if (!reason.equals(FULL)) {
            return "";
        }
        @Nullable Path existing = file.toAbsolutePath().getParent();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null) {
            return "";
        }
        try {
            double free = Files.getFileStore(existing).getUsableSpace() / MEGABYTE;
            return String.format(Locale.ROOT, " (%.1f MB are free in %s)", free, existing);
        } catch (IOException e) {
            return "";
        }
    }
}
