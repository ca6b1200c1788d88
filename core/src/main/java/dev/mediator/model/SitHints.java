package dev.mediator.model;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the user says of a network whose file does not: needed only where names and shapes of tensors leave it open, and
 * held against them where they do not.
 *
 * @param heads M; null to tell it from position biases or a published preset
 * @param inputSize side of the image or latent; null to tell it from {@code pos_embed} or position biases
 * @param classes number of classes, which tells whether the table of labels has a row for none; null to tell it from the
 *     arguments of the training, or by rule
 * @param servesFull whether an elastic network serves full attention beside its mediator counts, which leaves no trace in
 *     its tensors
 */
public record SitHints(
        @Nullable Integer heads,
        @Nullable Integer inputSize,
        @Nullable Integer classes,
        boolean servesFull) {
    /** Nothing is said. */
    public static final SitHints NONE = new SitHints(null, null, null, false);

    /**
     * Holds what is said against what a file says.
     *
     * @throws IOException if they differ
     */
    void requireAgreement(Path file, SitConfig config) throws IOException {
        requireSame(file, "heads", heads, config.heads());
        requireSame(file, "inputSize", inputSize, config.inputSize());
        requireSame(file, "classes", classes, config.numClasses());
    }

    private static void requireSame(Path file, String what, @Nullable Integer said, int found) throws IOException {
        if (said != null && said != found) {
            throw new IOException(file + ": its network has " + what + " " + found + ", not " + said);
        }
    }
}
