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
import org.jspecify.annotations.Nullable;

/**
 * Image files in one folder per class. Classes are numbered in the order of their folders' names, images in the order of
 * their files' names, both by Unicode value; what else is there is left out and told ({@link #leftOut}). An
 * image is read when it is asked for, brought to 1 or 3 channels, then to its size by {@link CenterCrop}.
 *
 * <p>Any thread may use it, several at once.
 */
public final class FolderDataset implements ImageDataset {
    private final List<Item> items;
    private final FolderScan scan;
    private final List<Path> skipped;
    private final ImageShape shape;
    private volatile @Nullable DataIdentity identity; // every file is opened for it once

    private record Item(Path file, int label) {}

    private FolderDataset(List<Item> items, FolderScan scan, List<Path> skipped, ImageShape shape) {
        this.items = items;
        this.scan = scan;
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
        FolderScan scan = FolderScan.of(root);
        requireClasses(scan);
        List<Path> all =
                scan.classes().stream().flatMap(one -> one.files().stream()).toList();
        List<Path> skipped = config.skipUnreadable() ? PictureFile.unreadable(all) : List.of();
        Set<Path> unreadable = Set.copyOf(skipped);
        List<Item> items = new ArrayList<>();
        for (int label = 0; label < scan.classes().size(); label++) {
            int before = items.size();
            for (Path file : scan.classes().get(label).files()) {
                if (!unreadable.contains(file)) {
                    items.add(new Item(file, label));
                }
            }
            if (items.size() == before) {
                throw new IOException(root.resolve(scan.classes().get(label).name()) + " has no readable image");
            }
        }
        return new FolderDataset(List.copyOf(items), scan, skipped, config.shape());
    }

    private static void requireClasses(FolderScan scan) throws IOException {
        Path root = scan.root();
        if (scan.classes().isEmpty()) {
            throw new IOException(root + " has no class: expected is a folder of images per class"
                    + (scan.loose().isEmpty()
                            ? ""
                            : ", found are " + scan.loose().size() + " images in the folder itself"));
        }
        List<String> empty = scan.classes().stream()
                .filter(one -> one.files().isEmpty())
                .map(one -> root.resolve(one.name()).toString())
                .toList();
        if (!empty.isEmpty()) {
            long nested = scan.nested().stream()
                    .filter(file -> file.startsWith(empty.get(0)))
                    .count();
            throw new IOException(String.join(", ", empty) + (empty.size() == 1 ? " has" : " have")
                    + " no image: expected are png, jpg, jpeg, webp or bmp files"
                    + (nested == 0 ? "" : ", found are " + nested + " in folders inside of " + empty.get(0)));
        }
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public List<String> classNames() {
        return scan.classes().stream().map(FolderScan.ClassFolder::name).toList();
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

    /** Of all images, unreadable ones included: skipping them does not change the identity of the data. */
    @Override
    public DataIdentity identity() throws IOException {
        DataIdentity known = identity;
        if (known == null) {
            known = DataIdentity.ofFolder(scan);
            identity = known;
        }
        return known;
    }

    @Override
    public List<String> leftOut() {
        return scan.leftOutBesideClasses();
    }

    @Override
    public float[] load(int index, boolean flip) throws IOException {
        Picture picture = read(file(index)).withChannels(shape.channels());
        Picture cropped = CenterCrop.apply(picture, shape.height());
        return (flip ? cropped.mirrored() : cropped).values();
    }

    private static Picture read(Path file) throws IOException {
        try {
            return PictureFile.read(file);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; --skip-unreadable leaves out such images", e);
        }
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
}
