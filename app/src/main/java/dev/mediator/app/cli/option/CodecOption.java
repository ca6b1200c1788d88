package dev.mediator.app.cli.option;

import dev.mediator.app.cli.console.Console;
import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.Codec;
import dev.mediator.generation.CheckpointCodec;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names the autoencoder of a network that works on latents. */
public final class CodecOption {
    @Option(
            names = "--codec",
            paramLabel = "DIR",
            description =
                    "The autoencoder whose latents the network works on: a folder with config.json and weights, as"
                            + " diffusers writes it. Default: the one that the checkpoint names.")
    private @Nullable Path folder;

    /** The autoencoder's folder; null for the one that the checkpoint names, or for pixels if it names none. */
    @Nullable
    public Path folder() {
        return folder;
    }

    /**
     * Warns if the autoencoder that was named is not the one of a checkpoint's latents.
     *
     * @param opened the named one
     */
    public void warnOfAnother(Console console, Path checkpoint, Weights weights, Codec opened) throws IOException {
        if (folder != null) {
            CheckpointCodec.difference(checkpoint, weights, opened)
                    .ifPresent(difference -> console.note("warning: " + difference));
        }
    }

    /** What records tell of a codec: its fingerprint, null for pixels. */
    public static @Nullable String fingerprint(Codec codec) {
        return codec.fingerprint().isEmpty() ? null : codec.fingerprint();
    }
}
