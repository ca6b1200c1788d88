package dev.mediator.evaluation;

import dev.mediator.file.FileNames;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Image files of a folder, in the order of their names. They lie either in the folder itself, or in one folder per class
 * below it, whose name is the class. Hidden files and files that are no pictures by their name are ignored.
 */
public final class FolderImages implements ImageSource {
    private final Path folder;
    private final List<Path> files;
    private final List<String> classes;
    private int at;

    private FolderImages(Path folder, List<Path> files, List<String> classes) {
        this.folder = folder;
        this.files = List.copyOf(files);
        this.classes = List.copyOf(classes);
    }

    /**
     * Lists the images of a folder.
     *
     * @throws IOException if it has none, or has some of its own and others in folders below
     */
    public static FolderImages open(Path folder) throws IOException {
        List<Path> own = list(folder, PictureFile::isPictureName);
        List<Path> below = new ArrayList<>();
        List<String> classes = new ArrayList<>();
        for (Path classFolder : list(folder, Files::isDirectory)) {
            List<Path> files = list(classFolder, PictureFile::isPictureName);
            below.addAll(files);
            classes.addAll(
                    Collections.nCopies(files.size(), classFolder.getFileName().toString()));
        }
        if (own.isEmpty() && below.isEmpty()) {
            throw new IOException(
                    folder + " has no image: expected are png, jpg, jpeg, webp or bmp files, in the folder"
                            + " itself or in one folder per class");
        }
        if (!own.isEmpty() && !below.isEmpty()) {
            throw new IOException(folder + " has " + own.size() + " images of its own and " + below.size()
                    + " in the folders below: which ones are meant?");
        }
        return own.isEmpty() ? new FolderImages(folder, below, classes) : new FolderImages(folder, own, List.of());
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
        return new FolderImages(folder, files, classes);
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
        List<Picture> pictures = new ArrayList<>();
        while (pictures.size() < most && at < files.size()) {
            pictures.add(PictureFile.read(files.get(at++)));
        }
        return pictures;
    }

    @Override
    public void skip(long images) {
        at = (int) Math.min(files.size(), at + images);
    }

    @Override
    public void close() {}

    private static List<Path> list(Path folder, Predicate<Path> filter) throws IOException {
        try (Stream<Path> entries = Files.list(FileNames.require(folder))) {
            List<Path> all = entries.toList();
            for (Path entry : all) {
                FileNames.require(entry);
            }
            return all.stream()
                    .filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .filter(filter)
                    .sorted(Comparator.comparing(entry -> entry.getFileName().toString()))
                    .toList();
        }
    }
}
