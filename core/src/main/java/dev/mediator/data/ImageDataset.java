package dev.mediator.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

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

    /** Lines about files that lie beside the images and are not used; empty if there are none. */
    default List<String> leftOut() {
        return List.of();
    }

    /** What the images are, by name and content, so that a change is noticed where work on them goes on. */
    default DataIdentity identity() throws IOException {
        return DataIdentity.ofLabels(this);
    }

    /** All that a user should know of what was found: files left out, by their number and first names. */
    default List<String> notes() {
        List<String> notes = new ArrayList<>(leftOut());
        if (!skipped().isEmpty()) {
            notes.add(skipped().size() + " unreadable images are left out, the first is " + named(skipped()));
        }
        return notes;
    }

    /** The first of some files. */
    static String named(List<Path> files) {
        int most = 3;
        return files.stream().limit(most).map(Path::toString).collect(Collectors.joining(", "))
                + (files.size() > most ? ", …" : "");
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
