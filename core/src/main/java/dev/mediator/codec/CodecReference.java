package dev.mediator.codec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.mediator.file.FileNames;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.nio.file.Files;

/**
 * Which autoencoder latents are those of, as checkpoints of latent models and stored latents say it.
 *
 * @param folder where it was
 * @param fingerprint of the codec, by which it is known again
 */
public record CodecReference(String folder, String fingerprint) {
    /** Field by field: files of others may leave out anything. */
    @JsonCreator
    public CodecReference(
            @JsonProperty(value = "folder", required = true) String folder,
            @JsonProperty(value = "fingerprint", required = true) String fingerprint) {
        this.folder = folder;
        this.fingerprint = fingerprint;
    }

    /**
     * Opens the autoencoder where it was.
     *
     * @throws IOException if it is not there, or is another one
     */
    public AutoencoderCodec open(Placement placement) throws IOException {
        if (!Files.isDirectory(FileNames.path(folder))) {
            throw new IOException(
                    "the autoencoder of its latents, " + folder + ", does not exist: name it (--codec DIR)");
        }
        return requireSame(AutoencoderCodec.open(FileNames.path(folder), placement), folder);
    }

    /**
     * Checks that a codec is the one referred to; closes it if not.
     *
     * @param origin where it was opened, for the message
     */
    public AutoencoderCodec requireSame(AutoencoderCodec codec, String origin) throws IOException {
        if (!codec.fingerprint().equals(fingerprint)) {
            codec.close();
            throw new IOException(origin + " is another autoencoder than the one of the latents: its fingerprint is "
                    + codec.fingerprint().substring(0, 8) + "…, expected is "
                    + fingerprint.substring(0, Math.min(8, fingerprint.length())) + "…");
        }
        return codec;
    }
}
