package dev.mediator.training;

import dev.mediator.codec.AutoencoderCodec;
import dev.mediator.codec.Codec;
import dev.mediator.codec.CodecReference;
import dev.mediator.codec.PixelCodec;
import dev.mediator.codec.Posterior;
import dev.mediator.data.DataConfig;
import dev.mediator.data.ImageDataset;
import dev.mediator.data.ImageShape;
import dev.mediator.data.LatentDataset;
import dev.mediator.data.LatentDescription;
import dev.mediator.file.FileNames;
import dev.mediator.file.JsonFile;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.RandomStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a training gets what its network learns to make: pixels, or latents, encoded while it trains or before.
 *
 * @param dataset what is loaded: images, or moments of latents
 * @param encoding makes latents of a batch of it
 * @param latent shape of one
 * @param codec whose latents they are, null for pixels
 */
record LatentSource(
        ImageDataset dataset,
        Encoding encoding,
        ImageShape latent,
        @Nullable CodecReference codec) implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    /** From what a data set holds to latents. */
    interface Encoding extends AutoCloseable {
        /**
         * Latents of a batch.
         *
         * @param loaded [B, …] as the data set gives it
         * @param noise one stream per sample
         */
        Tensor latents(Tensor loaded, List<RandomStream> noise);

        @Override
        void close();
    }

    /**
     * @param device where a codec computes
     * @throws IOException if data, latents or codec cannot be read, or do not belong together
     */
    static LatentSource open(TrainConfig config, ComputeDevice device) throws IOException {
        if (config.latents() != null) {
            return stored(config, LatentDataset.open(FileNames.path(config.latents())));
        }
        ImageDataset images = config.data().open();
        if (config.codec() == null) {
            return new LatentSource(images, encoding(new PixelCodec()), images.shape(), null);
        }
        // In fp32 whatever the network computes in, so that latents are those that encode stores.
        AutoencoderCodec codec =
                AutoencoderCodec.open(FileNames.path(config.codec()), new Placement(device, DType.F32));
        try {
            return new LatentSource(
                    images,
                    encoding(codec),
                    latentShape(codec, images.shape()),
                    new CodecReference(config.codec(), codec.fingerprint()));
        } catch (RuntimeException e) {
            codec.close();
            throw e;
        }
    }

    private static LatentSource stored(TrainConfig config, LatentDataset dataset) throws IOException {
        LatentDescription description = dataset.description();
        requireSameImages(config.data(), description.data());
        CodecReference codec = reference(config, description);
        return new LatentSource(dataset, new DrawnFromMoments(), description.latent(), codec);
    }

    /** The images decide what is learned: a configuration that says others would tell a lie in every checkpoint. */
    private static void requireSameImages(DataConfig wanted, DataConfig stored) {
        DataConfig there = stored.withPath(wanted.path());
        if (!wanted.equals(there) && !wanted.equals(there.withFlip(false))) {
            throw new IllegalArgumentException("the latents are those of other images than data describes: they were"
                    + " made of " + JSON.writeValueAsString(stored));
        }
    }

    private static CodecReference reference(TrainConfig config, LatentDescription description) throws IOException {
        CodecReference reference;
        try {
            reference = JSON.treeToValue(description.codec(), CodecReference.class);
        } catch (JacksonException e) {
            throw new IOException(config.latents() + ": its codec cannot be read: " + JsonFile.reason(e), e);
        }
        String folder = config.codec();
        if (folder == null) {
            return reference;
        }
        reference
                .requireSame(AutoencoderCodec.open(FileNames.path(folder), Placement.cpu(DType.F32)), folder)
                .close();
        return new CodecReference(folder, reference.fingerprint());
    }

    static ImageShape latentShape(Codec codec, ImageShape images) {
        long[] shape = codec.latentShape(images.sizes());
        return new ImageShape((int) shape[0], (int) shape[1], (int) shape[2]);
    }

    private static Encoding encoding(Codec codec) {
        return new Encoding() {
            @Override
            public Tensor latents(Tensor loaded, List<RandomStream> noise) {
                return codec.encode(loaded, noise);
            }

            @Override
            public void close() {
                codec.close();
            }
        };
    }

    /** Stored means and standard deviations. */
    private static final class DrawnFromMoments implements Encoding {
        @Override
        public Tensor latents(Tensor loaded, List<RandomStream> noise) {
            return Posterior.ofStacked(loaded).draw(noise);
        }

        @Override
        public void close() {
            // holds nothing
        }
    }

    /** A codec that makes pictures of latents, for its holder to close. */
    Codec openDecoder(ComputeDevice device) throws IOException {
        return codec == null ? new PixelCodec() : codec.open(new Placement(device, DType.F32));
    }

    /** What two machines must have in common to train on the same data. */
    String summary() {
        return String.format(
                Locale.ROOT,
                "%d images of %s in %d classes (%08x)%s",
                dataset.size(),
                Arrays.toString(dataset.shape().sizes()),
                dataset.classCount(),
                dataset.classNames().hashCode(),
                codec == null ? "" : ", latents of codec " + codec.fingerprint());
    }

    @Override
    public void close() {
        encoding.close();
    }
}
