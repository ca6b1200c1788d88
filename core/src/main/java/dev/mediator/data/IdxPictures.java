package dev.mediator.data;

import dev.mediator.image.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/** The grey pictures of one IDX file as they are stored, without a model's size, with the labels of the file beside it. */
public final class IdxPictures {
    private static final String IMAGES = "-images-idx3-ubyte";
    private static final String LABELS = "-labels-idx1-ubyte";

    private final IdxFile images;
    private final Optional<IdxFile> labels;

    private IdxPictures(IdxFile images, Optional<IdxFile> labels) {
        this.images = images;
        this.labels = labels;
    }

    /** True if a file is named as the images of an IDX data set are. */
    public static boolean isName(Path file) {
        return String.valueOf(file.getFileName()).contains(IMAGES);
    }

    /**
     * Reads {@code …-images-idx3-ubyte} and, if it is there, {@code …-labels-idx1-ubyte}, each with or without {@code .gz}.
     *
     * @throws IOException if a file is missing, damaged or does not fit the other; the message names it
     */
    public static IdxPictures read(Path file) throws IOException {
        if (!isName(file)) {
            throw new IllegalArgumentException("the file is '" + file + "', expected is a name with " + IMAGES);
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " does not exist or is not a file");
        }
        IdxFile images = IdxFile.read(file, 3);
        String name = file.getFileName().toString().replace(IMAGES, LABELS).replaceFirst("\\.gz$", "");
        for (Path beside : new Path[] {file.resolveSibling(name), file.resolveSibling(name + ".gz")}) {
            if (Files.isRegularFile(beside)) {
                IdxFile labels = IdxFile.read(beside, 1);
                if (labels.sizes()[0] != images.sizes()[0]) {
                    throw new IOException(file + " holds " + images.sizes()[0] + " images, but " + beside + " holds "
                            + labels.sizes()[0] + " labels");
                }
                return new IdxPictures(images, Optional.of(labels));
            }
        }
        return new IdxPictures(images, Optional.empty());
    }

    /** How many there are. */
    public int count() {
        return images.sizes()[0];
    }

    /** Rows of each. */
    public int height() {
        return images.sizes()[1];
    }

    /** Columns of each. */
    public int width() {
        return images.sizes()[2];
    }

    /** One of them, grey. */
    public Picture picture(int index) {
        int pixels = height() * width();
        byte[] samples = Arrays.copyOfRange(images.data(), index * pixels, (index + 1) * pixels);
        return Picture.of(width(), height(), 1, samples);
    }

    /** The label of one, if there are labels. */
    public OptionalInt label(int index) {
        return labels.map(file -> OptionalInt.of(Byte.toUnsignedInt(file.data()[index])))
                .orElse(OptionalInt.empty());
    }
}
