package dev.mediator.data;

import dev.mediator.file.FileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images and labels in a pair of IDX files, kept in memory as bytes. Each image is centred on a square of zeros
 * ({@code padTo}) and reduced by averaging whole squares of pixels to {@code imageSize}; the channels of a colour image
 * are copies of the grey one.
 */
public final class IdxDataset implements ImageDataset {
    private final byte[] images; // [size, side, side]
    private final byte[] labels; // [size]
    private final List<String> classNames;
    private final ImageShape shape;
    private final int side;
    private final int margin;
    private final int factor;

    private IdxDataset(IdxFile images, IdxFile labels, List<String> classNames, DataConfig config) {
        this.images = images.data();
        this.labels = labels.data();
        this.classNames = classNames;
        this.shape = config.shape();
        this.side = images.sizes()[1];
        this.margin = config.padTo() == 0 ? 0 : (config.padTo() - side) / 2;
        this.factor = (side + 2 * margin) / config.imageSize();
    }

    /**
     * Reads {@code train-images-idx3-ubyte} and {@code train-labels-idx1-ubyte} (test: {@code t10k-…}), with or without
     * {@code .gz}, from the config's folder.
     *
     * @throws IOException if a file is missing, damaged or does not fit the other; the message names it
     * @throws IllegalArgumentException if the images do not fit the sizes of the config
     */
    static IdxDataset open(DataConfig config) throws IOException {
        String prefix = config.split() == Split.TRAIN ? "train" : "t10k";
        Path folder = FileNames.path(config.path());
        IdxFile images = IdxFile.read(find(folder, prefix + "-images-idx3-ubyte"), 3);
        IdxFile labels = IdxFile.read(find(folder, prefix + "-labels-idx1-ubyte"), 1);
        if (images.sizes()[0] != labels.sizes()[0]) {
            throw new IOException(images.file() + " holds " + images.sizes()[0] + " images, but " + labels.file()
                    + " holds " + labels.sizes()[0] + " labels");
        }
        requireSizes(images, config);
        return new IdxDataset(images, labels, namesFor(labels, config), config);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    @Override
    public int label(int index) {
        return Byte.toUnsignedInt(labels[index]);
    }

    @Override
    public DataIdentity identity() {
        return new DataIdentity(
                "idx",
                classNames,
                List.of(DataIdentity.Entry.of("images", images), DataIdentity.Entry.of("labels", labels)));
    }

    @Override
    public float[] load(int index, boolean flip) {
        int size = shape.height();
        int plane = size * size;
        float[] pixels = new float[shape.numel()];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                int column = flip ? size - 1 - x : x;
                pixels[y * size + column] = mean(index, y, x) / 127.5f - 1;
            }
        }
        for (int c = 1; c < shape.channels(); c++) {
            System.arraycopy(pixels, 0, pixels, c * plane, plane);
        }
        return pixels;
    }

    /** Mean grey value of one square of the padded image. */
    private float mean(int index, int y, int x) {
        int sum = 0;
        for (int row = y * factor - margin; row < (y + 1) * factor - margin; row++) {
            for (int column = x * factor - margin; column < (x + 1) * factor - margin; column++) {
                if (row >= 0 && row < side && column >= 0 && column < side) {
                    sum += Byte.toUnsignedInt(images[(index * side + row) * side + column]);
                }
            }
        }
        return (float) sum / (factor * factor);
    }

    private static Path find(Path folder, String name) throws IOException {
        Path plain = folder.resolve(name);
        Path compressed = folder.resolve(name + ".gz");
        if (Files.isRegularFile(compressed)) {
            return compressed;
        }
        if (Files.isRegularFile(plain)) {
            return plain;
        }
        throw new IOException(compressed + " does not exist, nor does it without .gz: set data.path to a folder"
                + " of IDX files (Fashion-MNIST comes with Debian's package dataset-fashion-mnist)");
    }

    private static void requireSizes(IdxFile images, DataConfig config) {
        int height = images.sizes()[1];
        int width = images.sizes()[2];
        if (height != width) {
            throw new IllegalArgumentException(
                    images.file() + " holds images of " + width + "×" + height + " pixels, allowed are squares");
        }
        int padded = config.padTo() == 0 ? height : config.padTo();
        if (padded < height || (padded - height) % 2 != 0) {
            throw new IllegalArgumentException("data.padTo is " + padded + ", allowed are " + height + ", "
                    + (height + 2) + ", " + (height + 4) + "…, as the images have " + height + "×" + height
                    + " pixels");
        }
        if (padded % config.imageSize() != 0) {
            throw new IllegalArgumentException(
                    "data.imageSize is " + config.imageSize() + ", allowed are divisors of the images' size " + padded);
        }
    }

    private static List<String> namesFor(IdxFile labels, DataConfig config) throws IOException {
        int max = IntStream.range(0, labels.data().length)
                .map(i -> Byte.toUnsignedInt(labels.data()[i]))
                .max()
                .orElseThrow();
        if (config.classNames().isEmpty()) {
            return IntStream.rangeClosed(0, max).mapToObj(Integer::toString).toList();
        }
        if (max >= config.classNames().size()) {
            throw new IOException(labels.file() + " holds the label " + max + ", but data.classNames names only "
                    + config.classNames().size() + " classes");
        }
        return config.classNames();
    }
}
