package dev.mediator.app.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.FolderImages;
import dev.mediator.evaluation.ImageSource;
import dev.mediator.image.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Images in files: of any kind that {@link ImageSource} reads, or the pictures of a folder that {@code sample} has filled. */
final class StoredImages implements ScoredImages {
    private final Path path;
    private final @Nullable SampledFolder sampled;
    private final Description description;

    /**
     * What the record tells of them.
     *
     * @param path as given
     * @param sha256 of the file; null for a folder
     * @param images how many
     * @param madeBy checkpoints and settings, if the folder's record tells
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Description(
            String path,
            @Nullable String sha256,
            long images,
            @Nullable JsonNode madeBy) {}

    private StoredImages(Path path, @Nullable SampledFolder sampled, Description description) {
        this.path = path;
        this.sampled = sampled;
        this.description = description;
    }

    /**
     * The images of a folder or file.
     *
     * @throws IOException if there are none that can be used
     */
    static StoredImages of(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "does not exist");
        }
        SampledFolder sampled = SampledFolder.isOne(path) ? SampledFolder.read(path) : null;
        try (ImageSource source = open(path, sampled)) {
            if (source.count() == 0) {
                throw new IOException(path + " holds no images");
            }
            return new StoredImages(
                    path,
                    sampled,
                    new Description(
                            path.toString(),
                            Files.isRegularFile(path) ? SampleRecord.sha256(path) : null,
                            source.count(),
                            sampled == null ? null : sampled.madeBy()));
        }
    }

    /** The first of these images. */
    StoredImages first(long most) {
        return new StoredImages(
                path,
                sampled,
                new Description(
                        description.path(),
                        description.sha256(),
                        Math.min(most, description.images()),
                        description.madeBy()));
    }

    /** The images from the first one on; close it. */
    ImageSource open() throws IOException {
        return open(path, sampled);
    }

    private static ImageSource open(Path path, @Nullable SampledFolder sampled) throws IOException {
        return sampled == null
                ? ImageSource.open(path)
                : FolderImages.of(
                        path,
                        sampled.images().stream().map(SampledFolder.Image::file).toList(),
                        sampled.images().stream()
                                .map(SampledFolder.Image::className)
                                .toList());
    }

    /** Where they are. */
    Path path() {
        return path;
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public String shortName() {
        Path last = path.toAbsolutePath().normalize().getFileName();
        return last == null ? "images" : last.toString().replaceFirst("\\.(npz|gz)$", "");
    }

    @Override
    public Description description() {
        return description;
    }

    @Override
    public int count() throws IOException {
        if (description.images() > Integer.MAX_VALUE) {
            throw new IOException(
                    path + " holds " + description.images() + " images, allowed are " + Integer.MAX_VALUE);
        }
        return (int) description.images();
    }

    @Override
    public List<String> classes() throws IOException {
        try (ImageSource source = open()) {
            List<String> all = source.classes();
            return all.isEmpty() ? all : all.subList(0, count());
        }
    }

    @Override
    public double collect(Console console, FeatureCollector collector) throws IOException {
        return collect(console, collector, "features of the samples");
    }

    /** The same, with another name for what is done. */
    double collect(Console console, FeatureCollector collector, String task) throws IOException {
        try (ImageSource source = open();
                Progress progress = console.progress(task, Math.max(1, count()), "images")) {
            collector.addFirst(source, count(), progress::step);
        }
        OptionalDouble gflops = sampled == null
                ? OptionalDouble.empty()
                : sampled.images().stream()
                        .mapToDouble(image -> image.gflops() == null ? Double.NaN : image.gflops())
                        .average();
        return gflops.orElse(Double.NaN);
    }

    @Override
    public List<Picture> pictures(List<Integer> indices) throws IOException {
        List<Picture> pictures = new ArrayList<>();
        try (ImageSource source = open()) {
            int at = 0;
            for (int index : indices) {
                source.skip(index - at);
                pictures.addAll(source.next(1));
                at = index + 1;
            }
        }
        return pictures;
    }

    @Override
    public void close() {}
}
