package dev.mediator.data;

import dev.mediator.file.FileNames;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Image files in one folder per class. Classes are numbered in the order of their folders' names, images in the order of
 * their files' names, both by Unicode value; hidden files and files that are no pictures by their name are ignored. An
 * image is read when it is asked for, brought to 1 or 3 channels, then to its size by {@link CenterCrop}.
 */
public final class FolderDataset implements ImageDataset {
    private final List<Item> items;
    private final List<String> classNames;
    private final List<Path> skipped;
    private final ImageShape shape;

    private record Item(Path file, int label) {}

    private FolderDataset(List<Item> items, List<String> classNames, List<Path> skipped, ImageShape shape) {
        this.items = items;
        this.classNames = classNames;
        this.skipped = skipped;
        this.shape = shape;
    }

    /**
     * Lists the classes and images below {@code path/train} or {@code path/test}, for {@link Split#ALL} below
     * {@code path} itself.
     *
     * @throws IOException if there is no class or a class has no image that can be used; the message names the folder
     */
    static FolderDataset open(DataConfig config) throws IOException {
        Path root = root(config);
        List<Path> folders = list(root, Files::isDirectory);
        if (folders.isEmpty()) {
            throw new IOException(root + " has no class: expected is a folder of images per class");
        }
        List<Item> items = new ArrayList<>();
        List<Path> skipped = new ArrayList<>();
        for (int label = 0; label < folders.size(); label++) {
            List<Path> files = list(folders.get(label), PictureFile::isPictureName);
            Set<Path> unreadable = config.skipUnreadable() ? unreadable(files) : Set.of();
            if (unreadable.size() == files.size()) {
                throw new IOException(folders.get(label) + " has no "
                        + (files.isEmpty()
                                ? "image: expected are png, jpg, jpeg, webp or bmp files"
                                : "readable image"));
            }
            for (Path file : files) {
                if (unreadable.contains(file)) {
                    skipped.add(file);
                } else {
                    items.add(new Item(file, label));
                }
            }
        }
        List<String> names =
                folders.stream().map(folder -> folder.getFileName().toString()).toList();
        return new FolderDataset(List.copyOf(items), names, List.copyOf(skipped), config.shape());
    }

    @Override
    public int size() {
        return items.size();
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
        return items.get(index).label();
    }

    /** The file of an image. */
    public Path file(int index) {
        return items.get(index).file();
    }

    @Override
    public List<Path> skipped() {
        return skipped;
    }

    @Override
    public float[] load(int index, boolean flip) throws IOException {
        Picture picture = PictureFile.read(file(index)).withChannels(shape.channels());
        Picture cropped = CenterCrop.apply(picture, shape.height());
        return (flip ? cropped.mirrored() : cropped).values();
    }

    private static Path root(DataConfig config) throws IOException {
        Path path = FileNames.require(FileNames.path(config.path()));
        if (!Files.isDirectory(path)) {
            throw new IOException(path + " is not a folder: set data.path");
        }
        Path root =
                config.split() == Split.ALL ? path : path.resolve(config.split().toString());
        if (!Files.isDirectory(root)) {
            throw new IOException(
                    root + " is not a folder: set data.split to all if the classes lie directly in " + path);
        }
        return root;
    }

    private static List<Path> list(Path folder, Predicate<Path> filter) throws IOException {
        try (Stream<Path> entries = Files.list(FileNames.require(folder))) {
            List<Path> all = entries.toList();
            for (Path entry : all) {
                FileNames.require(entry);
            }
            return all.stream()
                    .filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .filter(filter)
                    .sorted((a, b) ->
                            a.getFileName().toString().compareTo(b.getFileName().toString()))
                    .toList();
        }
    }

    /** Only decoding a whole file tells whether it can be read. */
    private static Set<Path> unreadable(List<Path> files) {
        return files.parallelStream().filter(file -> !isReadable(file)).collect(Collectors.toSet());
    }

    private static boolean isReadable(Path file) {
        try {
            PictureFile.read(file);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
