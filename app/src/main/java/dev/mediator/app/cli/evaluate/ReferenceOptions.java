package dev.mediator.app.cli.evaluate;

import dev.mediator.app.cli.console.Console;
import dev.mediator.evaluation.FeatureExtractor;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name what samples are compared with. */
public final class ReferenceOptions {
    @Option(
            names = "--reference",
            paramLabel = "DIR|FILE",
            description =
                    "What to compare with: images (as --samples takes them), what make-reference wrote, a reference"
                            + " batch of ADM, or mu and sigma of pytorch-fid.")
    private @Nullable Path reference;

    @Option(
            names = "--statistics-only",
            description = "Of a reference batch of ADM use the statistics alone: quicker, but without precision, recall"
                    + " and kernel distance.")
    private boolean statisticsOnly;

    /** Whether one was named. */
    public boolean isGiven() {
        return reference != null;
    }

    /** Reads the reference, or extracts its features. */
    public Reference open(Console console, FeatureExtractor extractor, PreparationOptions preparing)
            throws IOException {
        if (reference == null) {
            throw new IllegalArgumentException("--reference is missing: what are the samples compared with?");
        }
        return Reference.open(console, reference, extractor, preparing, statisticsOnly);
    }
}
