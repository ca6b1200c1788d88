package dev.mediator.app.cli;

import dev.mediator.evaluation.ImageSource;
import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Pictures of clothes in files, from the excerpt of Fashion-MNIST. */
public final class SampledPictures {
    public static final Path TRAIN = TinyTraining.EXCERPT.resolve("train-images-idx3-ubyte.gz");
    public static final Path TEST = TinyTraining.EXCERPT.resolve("t10k-images-idx3-ubyte.gz");
    public static final Path CLASSIFIER =
            Path.of("../models/fashion-classifier.safetensors").toAbsolutePath().normalize();

    private SampledPictures() {}

    /** The first test pictures in one folder. */
    public static Path flat(Path folder, int count) throws IOException {
        List<Picture> pictures = read(count);
        for (int i = 0; i < pictures.size(); i++) {
            PngFile.write(folder.resolve("%03d.png".formatted(i)), pictures.get(i));
        }
        return folder;
    }

    /** The first test pictures in a folder per class, named by number. */
    public static Path byClass(Path folder, int count) throws IOException {
        List<Picture> pictures = read(count);
        try (ImageSource source = ImageSource.open(TEST)) {
            for (int i = 0; i < pictures.size(); i++) {
                Path classFolder =
                        Files.createDirectories(folder.resolve(source.classes().get(i)));
                PngFile.write(classFolder.resolve("%03d.png".formatted(i)), pictures.get(i));
            }
        }
        return folder;
    }

    /** The files of a folder. */
    public static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static List<Picture> read(int count) throws IOException {
        try (ImageSource source = ImageSource.open(TEST)) {
            return source.next(count);
        }
    }
}
