package dev.mediator.evaluation;

import dev.mediator.image.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Images in a fixed order, brought one after the other, so that there may be more than memory holds. One thread at a time. */
public interface ImageSource extends AutoCloseable {
    /**
     * Opens images of any kind: a folder ({@link FolderImages}), a .npz batch ({@link NpzImages}), or the images of an IDX data
     * set ({@link IdxImages}).
     *
     * @throws IOException if it is not one of these or cannot be used; the message names it
     */
    static ImageSource open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return FolderImages.open(path);
        } else if (IdxImages.isName(path)) {
            return IdxImages.open(path);
        } else if (ReferenceFile.isNpz(path)) {
            return NpzImages.open(path);
        }
        throw new IOException(
                path + " holds no images that can be read: expected is a folder of pictures, a .npz batch, or"
                        + " the images of an IDX data set (train-images-idx3-ubyte, with or without .gz)");
    }

    /** Where they are. */
    Path path();

    /** How many there are. */
    long count();

    /**
     * The class of each image, in their order: names or numbers. Empty if it is not known.
     *
     * @throws IOException if it is told, but cannot be read
     */
    List<String> classes() throws IOException;

    /**
     * The images that come next.
     *
     * @param most how many at most, at least 1
     * @return empty when there are no more
     * @throws IOException if one cannot be read; the message names the file
     */
    List<Picture> next(int most) throws IOException;

    /** Leaves out the images that come next. */
    void skip(long images) throws IOException;

    @Override
    void close() throws IOException;
}
