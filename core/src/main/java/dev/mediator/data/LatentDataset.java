package dev.mediator.data;

import dev.mediator.checkpoint.SafeTensorsIndex;
import dev.mediator.file.FileNames;
import dev.mediator.file.WholeFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The latents of a data set, encoded once: of each image and its mirror image means and standard deviations, from which
 * every epoch draws anew. What {@link #load} gives are the means, then the standard deviations, as channels of one image. Files
 * are mapped, so that only what is used takes memory.
 *
 * <p>Any thread may use it, several at once.
 */
public final class LatentDataset implements ImageDataset {
    private final Path folder;
    private final LatentDescription description;
    private final List<Tensor> means = new ArrayList<>(); // [images, flips, C', H', W'], one per file
    private final List<Tensor> deviations = new ArrayList<>();
    private final List<Long> bytes = new ArrayList<>(); // of each file
    private final int[] labels;

    private LatentDataset(Path folder, LatentDescription description, SafeTensorsIndex index) throws IOException {
        this.folder = folder;
        this.description = description;
        this.labels = new int[description.images()];
        ImageShape latent = description.latent();
        try (Scope scope = Scope.open()) {
            for (int file = 0; file < description.files(); file++) {
                bytes.add(Files.size(description.file(folder, file)));
                long count = description.imagesOf(file);
                long[] shape = {count, description.flips(), latent.channels(), latent.height(), latent.width()};
                means.add(scope.release(require(index, "mean", file, shape)));
                deviations.add(scope.release(require(index, "std", file, shape)));
                long[] classes = Tensors.longs(require(index, "labels", file, count));
                for (int i = 0; i < classes.length; i++) {
                    labels[file * description.imagesPerFile() + i] = requireLabel(index, classes[i]);
                }
            }
        }
    }

    private static Tensor require(SafeTensorsIndex index, String what, int file, long... shape) throws IOException {
        try {
            return Shapes.require(index.get(LatentDescription.tensor(what, file)), what, shape);
        } catch (IllegalArgumentException e) {
            throw new IOException(index.file() + ": " + e.getMessage(), e);
        }
    }

    private int requireLabel(SafeTensorsIndex index, long label) throws IOException {
        if (label < 0 || label >= description.classNames().size()) {
            throw new IOException(index.file() + " holds the label " + label + ", but names "
                    + description.classNames().size() + " classes");
        }
        return (int) label;
    }

    /**
     * Opens a folder of stored latents.
     *
     * @throws IOException if it has none, or not all of them
     */
    public static LatentDataset open(Path folder) throws IOException {
        Path file = LatentDescription.index(folder);
        FileNames.require(file);
        if (!Files.isRegularFile(file)) {
            throw new IOException(folder + " holds no latents, or not yet all of them: there is no "
                    + file.getFileName() + "; make them with ./mediator encode");
        }
        try (SafeTensorsIndex index = SafeTensorsIndex.open(file)) {
            index.verified();
            return new LatentDataset(folder, LatentDescription.parse(file, index.metadata()), index);
        }
    }

    /** What the latents are. */
    public LatentDescription description() {
        return description;
    }

    /** Files by their last bytes; their first ones tell where the codec was. */
    @Override
    public DataIdentity identity() throws IOException {
        List<DataIdentity.Entry> entries = new ArrayList<>();
        for (int i = 0; i < description.files(); i++) {
            Path file = description.file(folder, i);
            entries.add(DataIdentity.Entry.ofEnd(file.getFileName().toString(), file));
        }
        String digest = description.dataDigest();
        return new DataIdentity(DataIdentity.LATENTS, classNames(), entries, digest.isEmpty() ? null : digest);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public List<String> classNames() {
        return description.classNames();
    }

    /** Twice the channels of a latent. */
    @Override
    public ImageShape shape() {
        ImageShape latent = description.latent();
        return new ImageShape(2 * latent.channels(), latent.height(), latent.width());
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public float[] load(int index, boolean flip) throws IOException {
        if (flip && description.flips() == 1) {
            throw new IOException("the latents hold no mirrored images: encode them with data.flip, or train without");
        }
        int file = index / description.imagesPerFile();
        WholeFile.requireBytes(
                description.file(folder, file), bytes.get(file)); // what is mapped and gone ends the process
        float[] values = new float[shape().numel()];
        copy(means, index, flip, values, 0);
        copy(deviations, index, flip, values, values.length / 2);
        return values;
    }

    private void copy(List<Tensor> files, int index, boolean flip, float[] values, int at) {
        int perFile = description.imagesPerFile();
        try (Scope scope = Scope.open()) {
            Tensor one = files.get(index / perFile).select(0, index % perFile).select(0, flip ? 1 : 0);
            Tensors.to(one, DType.F32).contiguous().data_ptr_float().get(values, at, values.length / 2);
        }
    }
}
