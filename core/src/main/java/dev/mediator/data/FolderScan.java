package dev.mediator.data;

import dev.mediator.file.FileNames;
import dev.mediator.file.FolderLock;
import dev.mediator.image.PictureFile;
import dev.mediator.tensor.Cancellation;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What lies in a folder of images: pictures of its own, pictures in a folder per class, and what is neither. Classes and files
 * are in the order of their names, by Unicode value.
 *
 * @param root the folder
 * @param loose pictures in the folder itself
 * @param classes the folders in it, empty ones too
 * @param nested pictures in folders inside of those
 * @param others files that are hidden or no pictures by their name, and hidden folders
 */
public record FolderScan(Path root, List<Path> loose, List<ClassFolder> classes, List<Path> nested, List<Path> others) {
    private static final int MOST_NAMED = 3;

    /** A folder of images, named like its class. */
    public record ClassFolder(String name, List<Path> files) {
        public ClassFolder {
            files = List.copyOf(files);
        }
    }

    public FolderScan {
        loose = List.copyOf(loose);
        classes = List.copyOf(classes);
        nested = List.copyOf(nested);
        others = List.copyOf(others);
    }

    /**
     * Looks through a folder and all that is in it; links are followed.
     *
     * @throws IOException if a folder cannot be listed
     */
    public static FolderScan of(Path root) throws IOException {
        Visitor visitor = new Visitor(FileNames.require(root));
        Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor);
        List<ClassFolder> classes = new ArrayList<>();
        visitor.classes.forEach((name, files) -> classes.add(new ClassFolder(name, sorted(files))));
        return new FolderScan(root, sorted(visitor.loose), classes, sorted(visitor.nested), sorted(visitor.others));
    }

    /** What is in the folder and is not used where its classes are, a line for each kind. */
    public List<String> leftOutBesideClasses() {
        List<String> notes = new ArrayList<>();
        if (!loose.isEmpty()) {
            notes.add(root + ": " + named(loose) + " beside the class folders, of no class: left out");
        }
        List<Path> empty = classes.stream()
                .filter(one -> one.files().isEmpty())
                .map(one -> root.resolve(one.name()))
                .toList();
        if (!empty.isEmpty()) {
            notes.add(root + ": " + named("folder", empty) + " without an image of its own: no class");
        }
        notes.addAll(leftOut());
        return notes;
    }

    /** What is in the folder and never used, a line for each kind. */
    public List<String> leftOut() {
        List<String> notes = new ArrayList<>();
        if (!nested.isEmpty()) {
            notes.add(root + ": " + named(nested) + " in folders inside of those: left out");
        }
        if (!others.isEmpty()) {
            notes.add(root + ": " + named("other file", others) + ", hidden or no picture by name: left out");
        }
        return notes;
    }

    private String named(List<Path> files) {
        return named("image", files);
    }

    /** Their number, and the first of their names. */
    private String named(String kind, List<Path> files) {
        List<String> names = files.stream()
                .limit(MOST_NAMED)
                .map(file -> root.relativize(file).toString())
                .toList();
        return files.size() + " " + kind + (files.size() == 1 ? "" : "s") + " (" + String.join(", ", names)
                + (files.size() > MOST_NAMED ? ", …)" : ")");
    }

    private static List<Path> sorted(List<Path> files) {
        return files.stream()
                .sorted(Comparator.comparing((Path file) -> file.getParent())
                        .thenComparing(file -> file.getFileName().toString()))
                .toList();
    }

    private static final class Visitor extends SimpleFileVisitor<Path> {
        private final Path root;
        private final List<Path> loose = new ArrayList<>();
        private final Map<String, List<Path>> classes = new TreeMap<>();
        private final List<Path> nested = new ArrayList<>();
        private final List<Path> others = new ArrayList<>();

        Visitor(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            if (folder.equals(root)) {
                return FileVisitResult.CONTINUE;
            } else if (isHidden(folder)) {
                others.add(folder);
                return FileVisitResult.SKIP_SUBTREE;
            }
            FileNames.require(folder);
            if (depth(folder) == 1) {
                classes.put(folder.getFileName().toString(), new ArrayList<>());
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Cancellation.check();
            if (file.getFileName().toString().endsWith(FolderLock.NAME)) {
                return FileVisitResult.CONTINUE; // left by a process that was killed
            }
            int depth = depth(file);
            if (isHidden(file) || !PictureFile.isPictureName(file)) {
                others.add(file);
                return FileVisitResult.CONTINUE;
            }
            FileNames.require(file);
            if (depth == 1) {
                loose.add(file);
            } else if (depth == 2) {
                classes.computeIfAbsent(root.relativize(file).getName(0).toString(), name -> new ArrayList<>())
                        .add(file);
            } else {
                nested.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof FileSystemLoopException) {
                others.add(file);
                return FileVisitResult.CONTINUE;
            }
            FileNames.require(file);
            throw failure;
        }

        private int depth(Path file) {
            return root.relativize(file).getNameCount();
        }

        private static boolean isHidden(Path file) {
            return file.getFileName().toString().startsWith(".");
        }
    }
}
