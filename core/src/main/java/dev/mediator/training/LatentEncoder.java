package dev.mediator.training;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsShards;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.codec.AutoencoderCodec;
import dev.mediator.codec.CodecReference;
import dev.mediator.codec.Posterior;
import dev.mediator.data.DataConfig;
import dev.mediator.data.ImageDataset;
import dev.mediator.data.ImageShape;
import dev.mediator.data.LatentDescription;
import dev.mediator.file.FolderLock;
import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Encodes a data set once, for {@link dev.mediator.data.LatentDataset}: means and standard deviations of the latents of each
 * image, and of its mirror image if the data are flipped. Files are written whole or not at all, and the index last, so that an
 * encoding that was interrupted goes on with the files that are missing.
 *
 * <p>Any thread may use it, one at a time; closing waits for the use in progress, and later uses are refused with an
 * {@link IllegalStateException}.
 */
public final class LatentEncoder implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int BATCH = 64;

    /** About what is lost when an encoding is interrupted. */
    private static final int IMAGES_PER_FILE = 512;

    /** An index may name 4096 files. */
    private static final int MOST_FILES = 4000;

    private final ImageDataset images;
    private final UseGuard guard = new UseGuard("the encoder of latents");
    private final AutoencoderCodec codec;
    private final LatentDescription description;
    private @Nullable FolderLock lock;

    private LatentEncoder(ImageDataset images, AutoencoderCodec codec, LatentDescription description) {
        this.images = images;
        this.codec = codec;
        this.description = description;
    }

    /**
     * Opens data and codec.
     *
     * @param device where the codec computes
     * @throws IOException if one of them cannot be read
     * @throws IllegalArgumentException if they do not fit
     */
    public static LatentEncoder open(DataConfig data, Path codecFolder, ComputeDevice device) throws IOException {
        return open(data, codecFolder, device, IMAGES_PER_FILE);
    }

    static LatentEncoder open(DataConfig data, Path codecFolder, ComputeDevice device, int imagesPerFile)
            throws IOException {
        ImageDataset images = data.open();
        AutoencoderCodec codec = AutoencoderCodec.open(codecFolder, new Placement(device, DType.F32));
        try {
            ImageShape latent = LatentSource.latentShape(codec, images.shape());
            LatentDescription description = new LatentDescription(
                    JSON.valueToTree(new CodecReference(codecFolder.toString(), codec.fingerprint())),
                    data,
                    images.classNames(),
                    images.size(),
                    latent,
                    Math.max(imagesPerFile, images.size() / MOST_FILES),
                    images.identity().digest());
            return new LatentEncoder(images, codec, description);
        } catch (IllegalArgumentException e) {
            codec.close();
            throw e;
        }
    }

    /** What is made. */
    public LatentDescription description() {
        return description;
    }

    /** All that a user should know of what was found beside the images. */
    public List<String> notes() {
        return images.notes();
    }

    /** Files left out of the data since they cannot be read. */
    public List<Path> skipped() {
        return images.skipped();
    }

    /**
     * Which files of a folder are not there yet. Until this is closed, nobody else may write there.
     *
     * @throws IOException if the folder holds other latents, or somebody else writes there
     */
    public List<Integer> missing(Path folder) throws IOException {
        if (lock != null) {
            lock.close();
        }
        lock = FolderLock.ofFolder(folder, "encode");
        List<Integer> missing = new ArrayList<>();
        for (int file = 0; file < description.files(); file++) {
            Cancellation.check();
            Path path = description.file(folder, file);
            if (!Files.exists(path)) {
                missing.add(file);
                continue;
            }
            try (SafeTensors stored = SafeTensors.open(path)) {
                if (!description.describes(stored.metadata())) {
                    throw new IOException(path
                            + " holds latents of another codec or of other images (they may have changed since): choose another"
                            + " folder, or delete it");
                }
                stored.verified();
            }
        }
        return missing;
    }

    /**
     * Makes one file.
     *
     * @param listener told after each batch how many images it had; what it throws ends this, and leaves no file
     */
    public void encode(Path folder, int file, ProgressListener listener) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            int first = file * description.imagesPerFile();
            int count = description.imagesOf(file);
            try (Scope scope = Scope.open()) {
                List<Tensor> means = new ArrayList<>();
                List<Tensor> deviations = new ArrayList<>();
                for (int from = 0; from < count; from += BATCH) {
                    int number = Math.min(BATCH, count - from);
                    Posterior posterior = posterior(first + from, number);
                    means.add(posterior.mean());
                    deviations.add(posterior.std());
                    listener.onImages(number);
                }
                Map<String, Tensor> tensors = new LinkedHashMap<>();
                tensors.put(LatentDescription.tensor("mean", file), Ops.cat(0, means.toArray(Tensor[]::new)));
                tensors.put(LatentDescription.tensor("std", file), Ops.cat(0, deviations.toArray(Tensor[]::new)));
                tensors.put(LatentDescription.tensor("labels", file), labels(first, count));
                SafeTensorsWriter.write(description.file(folder, file), tensors, description.metadata());
            }
        }
    }

    /** Hears of progress. */
    @FunctionalInterface
    public interface ProgressListener {
        /** @param count images that were encoded since the last call, mirrored ones not counted */
        void onImages(int count);
    }

    /** Of some images, [n, flips, C', H', W']. */
    private Posterior posterior(int first, int count) throws IOException {
        try (Scope scope = Scope.open()) {
            List<Tensor> means = new ArrayList<>();
            List<Tensor> deviations = new ArrayList<>();
            for (int flip = 0; flip < description.flips(); flip++) {
                Posterior posterior = codec.posterior(load(first, count, flip == 1));
                means.add(posterior.mean().unsqueeze(1));
                deviations.add(posterior.std().unsqueeze(1));
            }
            return new Posterior(
                    scope.keep(Ops.cat(1, means.toArray(Tensor[]::new))),
                    scope.keep(Ops.cat(1, deviations.toArray(Tensor[]::new))));
        }
    }

    private Tensor load(int first, int count, boolean flip) throws IOException {
        int numel = images.shape().numel();
        float[] pixels = new float[Shapes.arrayLength(count, numel)];
        for (int i = 0; i < count; i++) {
            System.arraycopy(images.load(first + i, flip), 0, pixels, i * numel, numel);
        }
        long[] shape = images.shape().sizes();
        return Tensors.of(pixels, count, shape[0], shape[1], shape[2]);
    }

    private Tensor labels(int first, int count) {
        long[] labels = new long[count];
        for (int i = 0; i < count; i++) {
            labels[i] = images.label(first + i);
        }
        return Tensors.of(labels, count);
    }

    /** Writes the index, once all files are there: from then on the folder can be trained from. */
    public void finish(Path folder) throws IOException {
        Map<String, String> map = new LinkedHashMap<>();
        for (int file = 0; file < description.files(); file++) {
            String name = description.file(folder, file).getFileName().toString();
            for (String what : List.of("mean", "std", "labels")) {
                map.put(LatentDescription.tensor(what, file), name);
            }
        }
        SafeTensorsShards.writeIndex(LatentDescription.index(folder), description.metadata(), map);
    }

    @Override
    public void close() {
        guard.close(() -> {
            codec.close();
            if (lock != null) {
                lock.close();
            }
        });
    }
}
