package dev.mediator.evaluation;

import dev.mediator.data.FolderScan;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Image files of a folder, in the order of their names. They lie either in the folder itself, or in one folder per class
 * below it, whose name is the class. What else is there is left out and told ({@link #leftOut}).
 *
 * <p>For one thread at a time; once it is closed, its images are refused with an {@link IllegalStateException}.
 */
public final class FolderImages implements ImageSource {
    private final Path folder;
    private final List<Path> files;
    private final List<String> classes;
    private final List<Path> skipped;
    private final List<String> leftOut;
    private final UseGuard guard;
    private int at;

    private FolderImages(
            Path folder, List<Path> files, List<String> classes, List<Path> skipped, List<String> leftOut) {
        this.skipped = List.copyOf(skipped);
        this.leftOut = List.copyOf(leftOut);
        this.folder = folder;
        this.guard = new UseGuard("the source of images " + folder);
        this.files = List.copyOf(files);
        this.classes = List.copyOf(classes);
    }

    /**
     * Lists the images of a folder.
     *
     * @throws IOException if it has none, or has some of its own and others in folders below
     */
    public static FolderImages open(Path folder) throws IOException {
        FolderScan scan = FolderScan.of(folder);
        List<Path> below = new ArrayList<>();
        List<String> classes = new ArrayList<>();
        for (FolderScan.ClassFolder one : scan.classes()) {
            below.addAll(one.files());
            classes.addAll(Collections.nCopies(one.files().size(), one.name()));
        }
        if (scan.loose().isEmpty() && below.isEmpty()) {
            throw new IOException(
                    folder + " has no image: expected are png, jpg, jpeg, webp or bmp files, in the folder"
                            + " itself or in one folder per class"
                            + (scan.nested().isEmpty()
                                    ? ""
                                    : "; found are " + scan.nested().size() + " in folders inside of those"));
        }
        if (!scan.loose().isEmpty() && !below.isEmpty()) {
            throw new IOException(folder + " has " + scan.loose().size() + " images of its own and " + below.size()
                    + " in the folders below: which ones are meant?");
        }
        return scan.loose().isEmpty()
                ? new FolderImages(folder, below, classes, List.of(), scan.leftOutBesideClasses())
                : new FolderImages(folder, scan.loose(), List.of(), List.of(), scan.leftOut());
    }

    /**
     * Certain images.
     *
     * @param folder where they come from, for messages
     * @param classes the class of each, or empty
     */
    public static FolderImages of(Path folder, List<Path> files, List<String> classes) {
        if (!classes.isEmpty() && classes.size() != files.size()) {
            throw new IllegalArgumentException(
                    "there are " + files.size() + " images and " + classes.size() + " classes");
        }
        return new FolderImages(folder, files, classes, List.of(), List.of());
    }

    /** The same images from the first one on. */
    public FolderImages again() {
        return new FolderImages(folder, files, classes, skipped, leftOut);
    }

    /** These images without the unreadable ones, from the first one on; each is decoded once to find out. */
    public FolderImages readable() {
        List<Path> unreadable = PictureFile.unreadable(files);
        Set<Path> out = Set.copyOf(unreadable);
        List<Path> left = new ArrayList<>();
        List<String> leftClasses = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            if (!out.contains(files.get(i))) {
                left.add(files.get(i));
                if (!classes.isEmpty()) {
                    leftClasses.add(classes.get(i));
                }
            }
        }
        return new FolderImages(folder, left, leftClasses, unreadable, leftOut);
    }

    /** Files that {@link #readable} has left out. */
    public List<Path> skipped() {
        return skipped;
    }

    /** Lines about files of the folder that are not used. */
    public List<String> leftOut() {
        return leftOut;
    }

    @Override
    public Path path() {
        return folder;
    }

    @Override
    public long count() {
        return files.size();
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public List<Picture> next(int most) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            List<Picture> pictures = new ArrayList<>();
            while (pictures.size() < most && at < files.size()) {
                pictures.add(PictureFile.read(files.get(at++)));
            }
            return pictures;
        }
    }

    @Override
    public void skip(long images) {
        try (UseGuard.Use use = guard.use()) {
            at = (int) Math.min(files.size(), at + images);
        }
    }

    @Override
    public void close() {
        guard.close(() -> {}); // holds nothing
    }
}
