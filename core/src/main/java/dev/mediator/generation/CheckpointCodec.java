package dev.mediator.generation;

import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.AutoencoderCodec;
import dev.mediator.codec.Codec;
import dev.mediator.codec.CodecReference;
import dev.mediator.codec.PixelCodec;
import dev.mediator.file.JsonFile;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitFile;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The codec that makes pictures of what a checkpoint's network works on. */
public final class CheckpointCodec {
    /** How much of a fingerprint is shown. */
    private static final int SHOWN = 8;

    private CheckpointCodec() {}

    /**
     * Opens a checkpoint's codec, for the caller to close.
     *
     * @param weights which weights of a training's checkpoint
     * @param placement where and in what the codec computes
     * @param autoencoder folder of the autoencoder whose latents the network works on; null for the one that the checkpoint
     *     names, or for pixels if it names none
     * @throws IOException if a file cannot be used, or if the codec makes no pictures of what the network works on
     */
    public static Codec open(Path checkpoint, Weights weights, Placement placement, @Nullable Path autoencoder)
            throws IOException {
        try (SitFile file = SitFile.open(checkpoint, weights)) {
            return open(checkpoint, file.description(), placement, autoencoder);
        }
    }

    static Codec open(Path checkpoint, SitCheckpoint description, Placement placement, @Nullable Path autoencoder)
            throws IOException {
        Codec codec = autoencoder != null
                ? AutoencoderCodec.open(autoencoder, placement)
                : named(checkpoint, description, placement);
        try {
            requirePictures(checkpoint, description, codec);
            return codec;
        } catch (IOException | RuntimeException e) {
            codec.close();
            throw e;
        }
    }

    /** Checks that the codec makes pictures of what a checkpoint's network works on. */
    static void requirePictures(Path checkpoint, SitCheckpoint description, Codec codec) throws IOException {
        try {
            ImageGenerator.requirePictures(description.config(), codec);
        } catch (IllegalArgumentException e) {
            throw new IOException(checkpoint + ": " + e.getMessage(), e);
        }
    }

    /**
     * What to know of a codec that is not the one on whose latents a checkpoint's network was trained: decoders may differ where
     * encoders are the same, which fingerprints do not tell.
     *
     * @return one line with both fingerprints; empty if it is the same codec, or the checkpoint names none
     * @throws IOException if the checkpoint cannot be used
     */
    public static Optional<String> difference(Path checkpoint, Weights weights, Codec codec) throws IOException {
        try (SitFile file = SitFile.open(checkpoint, weights)) {
            JsonNode said = file.description().codec();
            if (!(codec instanceof AutoencoderCodec autoencoder) || isPixels(said)) {
                return Optional.empty();
            }
            String trained = reference(checkpoint, said).fingerprint();
            return autoencoder.isKnownAs(trained)
                    ? Optional.empty()
                    : Optional.of(checkpoint
                            + " was trained on latents of another autoencoder: the fingerprint of that is "
                            + trained.substring(0, Math.min(SHOWN, trained.length())) + "…, of the one that is named "
                            + codec.fingerprint().substring(0, SHOWN)
                            + "…; pictures are right only if both have the same encoder");
        }
    }

    private static Codec named(Path checkpoint, SitCheckpoint description, Placement placement) throws IOException {
        JsonNode said = description.codec();
        if (isPixels(said)) {
            return new PixelCodec();
        }
        CodecReference reference = reference(checkpoint, said);
        try {
            return reference.open(placement);
        } catch (IOException e) {
            throw new IOException(checkpoint + ": " + e.getMessage(), e);
        }
    }

    private static boolean isPixels(JsonNode said) {
        return said.isNull() || (said.isEmpty() && !said.isValueNode());
    }

    private static CodecReference reference(Path checkpoint, JsonNode said) throws IOException {
        try {
            return new JsonMapper().treeToValue(said, CodecReference.class);
        } catch (JacksonException e) {
            throw new IOException(checkpoint + ": its 'codec' cannot be read: " + JsonFile.reason(e), e);
        }
    }
}
