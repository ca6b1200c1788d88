package dev.mediator.data;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which images are used and how they are brought to the model's shape. {@link #defaults} is the only place where
 * defaults are kept: Fashion-MNIST, padded to 32×32.
 *
 * @param type kind of the data set
 * @param path folder that holds it
 * @param split which part is used; for folders {@code train} and {@code test} are sub-folders that hold the classes, {@code
 *     all} means that the classes lie in {@code path} itself
 * @param imageSize height and width of the images that come out
 * @param padTo IDX only: images are centred on a square of this size, filled with 0; 0 leaves them as they are.
 *     {@code imageSize} divides it: whole squares of pixels are averaged
 * @param channels 1 (grey) or 3 (colour); pictures are converted
 * @param flip whether training mirrors half of the images
 * @param skipUnreadable folders only: whether files that cannot be decoded are left out and counted, which decodes every
 *     file once when the folder is opened; otherwise such a file is an error when it is reached
 * @param classNames IDX only: names of the labels 0, 1, …; empty names them by their number
 */
public record DataConfig(
        DataType type,
        String path,
        Split split,
        int imageSize,
        int padTo,
        int channels,
        boolean flip,
        boolean skipUnreadable,
        List<String> classNames) {
    private static final int MAX_SIZE = 4096;

    public DataConfig {
        requirePresent("data.type", type);
        requirePresent("data.path", path);
        requirePresent("data.split", split);
        requirePresent("data.classNames", classNames);
        classNames = List.copyOf(classNames);
        if (path.isBlank()) {
            throw new IllegalArgumentException("data.path is empty, expected is a folder");
        }
        if (imageSize < 1 || imageSize > MAX_SIZE) {
            throw new IllegalArgumentException("data.imageSize is " + imageSize + ", allowed are 1 to " + MAX_SIZE);
        }
        if (padTo < 0 || padTo > MAX_SIZE) {
            throw new IllegalArgumentException("data.padTo is " + padTo + ", allowed are 0 to " + MAX_SIZE);
        }
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("data.channels is " + channels + ", allowed are 1 and 3");
        }
        if (type == DataType.IDX && split == Split.ALL) {
            throw new IllegalArgumentException("data.split is all, allowed for idx are train and test");
        }
        if (type == DataType.IDX && padTo > 0 && padTo % imageSize != 0) {
            throw new IllegalArgumentException(
                    "data.imageSize is " + imageSize + ", allowed are divisors of data.padTo " + padTo
                            + ", so that pixels are averaged over whole squares");
        }
    }

    /**
     * Fashion-MNIST where Debian's package puts it. Padded to 32×32 it gives 256 tokens of 2×2 pixels. Not mirrored:
     * nearly all of its shoes point to the left.
     */
    public static DataConfig defaults() {
        return new DataConfig(
                DataType.IDX,
                "/usr/share/datasets/fashion-mnist",
                Split.TRAIN,
                32,
                32,
                1,
                false,
                false,
                List.of(
                        "T-shirt/top",
                        "Trouser",
                        "Pullover",
                        "Dress",
                        "Coat",
                        "Sandal",
                        "Shirt",
                        "Sneaker",
                        "Bag",
                        "Ankle boot"));
    }

    /** The same images of another part of the data. */
    public DataConfig withSplit(Split other) {
        return new DataConfig(type, path, other, imageSize, padTo, channels, flip, skipUnreadable, classNames);
    }

    /** The same data in another folder. */
    public DataConfig withPath(String other) {
        return new DataConfig(type, other, split, imageSize, padTo, channels, flip, skipUnreadable, classNames);
    }

    /** The same data at another size; for IDX a divisor of {@link #padTo}. */
    public DataConfig withImageSize(int other) {
        return new DataConfig(type, path, split, other, padTo, channels, flip, skipUnreadable, classNames);
    }

    /** The same data, mirrored or not. */
    public DataConfig withFlip(boolean other) {
        return new DataConfig(type, path, split, imageSize, padTo, channels, other, skipUnreadable, classNames);
    }

    /** Shape of the images that come out. */
    public ImageShape shape() {
        return new ImageShape(channels, imageSize, imageSize);
    }

    /**
     * Opens the data set.
     *
     * @throws IOException if files are missing or malformed; the message names the file
     */
    public ImageDataset open() throws IOException {
        return type.open(this);
    }

    /** JSON can leave out what Java code cannot. */
    private static void requirePresent(String name, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
    }
}
