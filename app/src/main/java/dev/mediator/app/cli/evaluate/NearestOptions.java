package dev.mediator.app.cli.evaluate;

import dev.mediator.transport.Labels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the search for training images among the samples. */
final class NearestOptions {
    @Option(
            names = "--training",
            paramLabel = "DIR|FILE",
            description = "Training images: find the nearest of them to each sample, and draw the closest pairs.")
    private @Nullable Path training;

    @Option(
            names = "--held-out",
            paramLabel = "DIR|FILE",
            description = "Images that were not trained on: how near do such images come to training images by chance?"
                    + " Goes with --training.")
    private @Nullable Path heldOut;

    @Option(
            names = "--nearest-by",
            paramLabel = "features|pixels",
            description = "What distances are of. Default: ${DEFAULT-VALUE}.",
            defaultValue = "features")
    private String by = "features";

    /** What was asked for, checked; empty for nothing. */
    Optional<NearestSettings> settings(boolean skipUnreadable) throws IOException {
        if (training == null && heldOut == null) {
            return Optional.empty();
        }
        if (training == null || heldOut == null) {
            throw new IllegalArgumentException(
                    "--training and --held-out go together: held-out images tell how near is suspiciously near");
        }
        String word = Labels.word(by);
        if (!word.equals("features") && !word.equals("pixels")) {
            throw new IllegalArgumentException("--nearest-by is '" + by + "', allowed are features and pixels");
        }
        return Optional.of(new NearestSettings(
                StoredImages.of(training, skipUnreadable),
                StoredImages.of(heldOut, skipUnreadable),
                word.equals("pixels")));
    }
}
