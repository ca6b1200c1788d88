package dev.mediator.evaluation;

import dev.mediator.data.IdxPictures;
import dev.mediator.image.Picture;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The images of one IDX file, such as {@code t10k-images-idx3-ubyte.gz}. Classes are the labels of the file beside it.
 *
 * <p>For one thread at a time; once it is closed, its images are refused with an {@link IllegalStateException}.
 */
public final class IdxImages implements ImageSource {
    private final Path file;
    private final IdxPictures pictures;
    private final UseGuard guard;
    private int at;

    private IdxImages(Path file, IdxPictures pictures) {
        this.file = file;
        this.guard = new UseGuard("the source of images " + file);
        this.pictures = pictures;
    }

    /** True if a file is named as the images of an IDX data set are. */
    public static boolean isName(Path file) {
        return IdxPictures.isName(file);
    }

    /**
     * Reads the file.
     *
     * @throws IOException if it is missing or damaged; the message names it
     */
    public static IdxImages open(Path file) throws IOException {
        return new IdxImages(file, IdxPictures.read(file));
    }

    @Override
    public Path path() {
        return file;
    }

    @Override
    public long count() {
        return pictures.count();
    }

    @Override
    public List<String> classes() {
        return IntStream.range(0, pictures.count())
                .mapToObj(pictures::label)
                .flatMapToInt(label -> label.stream())
                .mapToObj(Integer::toString)
                .toList();
    }

    @Override
    public List<Picture> next(int most) {
        try (UseGuard.Use use = guard.use()) {
            List<Picture> next = new ArrayList<>();
            while (next.size() < most && at < pictures.count()) {
                next.add(pictures.picture(at++));
            }
            return next;
        }
    }

    @Override
    public void skip(long images) {
        try (UseGuard.Use use = guard.use()) {
            at = (int) Math.min(pictures.count(), at + images);
        }
    }

    @Override
    public void close() {
        guard.close(() -> {}); // holds nothing
    }
}
