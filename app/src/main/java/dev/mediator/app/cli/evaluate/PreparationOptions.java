package dev.mediator.app.cli.evaluate;

import dev.mediator.evaluation.ImagePreparation;
import picocli.CommandLine.Option;

/** The options that change pictures before an extractor sees them. */
public final class PreparationOptions {
    @Option(
            names = "--size",
            paramLabel = "N",
            description =
                    "Scale all pictures and cut their middle out, N × N pixels, as training does. Default: as they"
                            + " are, and different sizes are an error.")
    private int size;

    @Option(
            names = "--channels",
            paramLabel = "1|3",
            description =
                    "Make all pictures grey (1) or repeat grey three times (3). Default: as they are, and what the"
                            + " extractor does not take is an error.")
    private int channels;

    @Option(
            names = "--skip-unreadable",
            description =
                    "Leave out pictures of folders that cannot be read, and tell how many; each is decoded once more"
                            + " for that. Default: such a picture is an error.")
    private boolean skipUnreadable;

    /** Whether pictures that cannot be read are left out. */
    boolean skipUnreadable() {
        return skipUnreadable;
    }

    public ImagePreparation preparation() {
        return new ImagePreparation(size, channels);
    }
}
