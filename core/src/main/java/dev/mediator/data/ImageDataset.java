package dev.mediator.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A fixed, indexed set of labelled images of one shape. Safe for use by several threads at once. */
public interface ImageDataset {
    /** Number of images, at least 1. */
    int size();

    /** Names of the classes; a label is an index into this list. */
    List<String> classNames();

    /** Number of classes. */
    default int classCount() {
        return classNames().size();
    }

    /** Shape of every image. */
    ImageShape shape();

    /** Class of an image, in [0, classCount). */
    int label(int index);

    /** Files that were left out since they cannot be decoded; empty unless the data set was told to skip them. */
    default List<Path> skipped() {
        return List.of();
    }

    /**
     * Pixels of an image in [−1, 1], [C, H, W] in row-major order; a new array that belongs to the caller.
     *
     * @param index which image, in [0, size)
     * @param flip whether to mirror left and right
     * @throws IOException if the image cannot be read; the message names its file
     */
    float[] load(int index, boolean flip) throws IOException;
}
