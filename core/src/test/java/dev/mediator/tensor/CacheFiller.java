package dev.mediator.tensor;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that fills a cache with small files, byte by byte, and reads each after the last was written. What it finds half
 * written it says; {@code stuck} as second argument makes it stop in the middle of the second file, until it is killed.
 */
final class CacheFiller {
    static final int FILES = 4;
    static final int BYTES = 400;

    private CacheFiller() {}

    public static void main(String[] args) {
        Path folder = Path.of(args[0]);
        boolean stuck = args.length > 1;
        List<NativeCache.Library> libraries = new ArrayList<>();
        for (int index = 0; index < FILES; index++) {
            Path file = folder.resolve("library" + index);
            boolean stop = stuck && index == 1;
            libraries.add(() -> unpack(file, stop));
        }
        new NativeCache(folder, "test").load(() -> libraries, () -> readAll(folder));
        System.out.println("loaded");
    }

    private static File unpack(Path file, boolean stop) throws java.io.IOException {
        if (Files.exists(file) && Files.size(file) == BYTES) {
            return file.toFile();
        }
        System.out.println("unpacks " + file.getFileName());
        Files.write(file, new byte[0]);
        for (int position = 0; position < BYTES; position++) {
            Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
            if (stop && position == BYTES / 2) {
                System.out.println("stuck");
                waitForever();
            }
        }
        return file.toFile();
    }

    private static void waitForever() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void readAll(Path folder) {
        for (int index = 0; index < FILES; index++) {
            File file = folder.resolve("library" + index).toFile();
            if (file.length() != BYTES) {
                throw new IllegalStateException(file + " is half written");
            }
        }
    }
}
