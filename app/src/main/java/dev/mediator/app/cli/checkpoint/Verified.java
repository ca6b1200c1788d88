package dev.mediator.app.cli.checkpoint;

import dev.mediator.checkpoint.TensorFile;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code info --verify} has held the content of a file against.
 *
 * @param by one of {@link #CHECKSUMS}, {@link #PARTLY} and {@link #FINITE}
 * @param without the files that have no checksum of their content
 */
record Verified(String by, List<String> without) {
    /** All of it is what its checksums say. */
    static final String CHECKSUMS = "checksums";

    /** An index, some of whose files are what their checksums say. */
    static final String PARTLY = "partly";

    /** There are no checksums; all numbers are finite. */
    static final String FINITE = "finite";

    /** Of a file that has been verified. */
    static Verified of(TensorFile file) {
        List<Path> without = file.withoutChecksums();
        String by = without.isEmpty() ? CHECKSUMS : file.hasSomeChecksums() ? PARTLY : FINITE;
        return new Verified(by, without.stream().map(Path::toString).toList());
    }

    /** The same in words. */
    String line(Path file) {
        if (without.isEmpty()) {
            return "verified: the content is what its checksums say";
        }
        if (without.equals(List.of(file.toString())) && by.equals(FINITE)) {
            return "verified: the file has no checksum of its content; all numbers are finite";
        }
        boolean one = without.size() == 1;
        return "verified: " + String.join(", ", without) + (one ? " has" : " have") + " no checksum of "
                + (one ? "its" : "their") + " content"
                + (without.equals(List.of(file.toString())) ? "" : ", where all numbers are finite")
                + (by.equals(PARTLY) ? "; the other files are what their checksums say" : "");
    }
}
