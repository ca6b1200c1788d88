package dev.mediator.app.cli.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.sample.SampleFolderReader;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.FolderImages;
import dev.mediator.evaluation.ImageSource;
import dev.mediator.evaluation.ScoreWarning;
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
    private final @Nullable SampleFolderReader sampled;
    private final @Nullable FolderImages folder;
    private final Description description;

    /** Images that could not be read: how many, and the first of them. */
    record Skipped(int count, List<String> first) {
        private static final int MOST_NAMED = 3;

        static @Nullable Skipped of(List<Path> files) {
            return files.isEmpty()
                    ? null
                    : new Skipped(
                            files.size(),
                            files.stream().limit(MOST_NAMED).map(Path::toString).toList());
        }
    }

    /**
     * What the record tells of them.
     *
     * @param path as given
     * @param sha256 of the file; null for a folder
     * @param images how many
     * @param madeBy checkpoints and settings, if the folder's record tells
     * @param skipped images that could not be read; null if none was left out
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Description(
            String path,
            @Nullable String sha256,
            long images,
            @Nullable JsonNode madeBy,
            @Nullable Skipped skipped) {
        /** How many could not be read; null for none. */
        @JsonIgnore
        @Nullable
        Integer skippedCount() {
            return skipped == null ? null : skipped.count();
        }
    }

    private StoredImages(
            Path path, @Nullable SampleFolderReader sampled, @Nullable FolderImages folder, Description description) {
        this.path = path;
        this.sampled = sampled;
        this.folder = folder;
        this.description = description;
    }

    /**
     * The images of a folder or file.
     *
     * @param skipUnreadable whether pictures of a folder that cannot be read are left out; otherwise they are an error where
     *     they are reached
     * @throws IOException if there are none that can be used
     */
    static StoredImages of(Path path, boolean skipUnreadable) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "does not exist");
        }
        SampleFolderReader sampled = SampleFolderReader.isOne(path) ? SampleFolderReader.read(path) : null;
        FolderImages folder = Files.isDirectory(path) ? folder(path, sampled, skipUnreadable) : null;
        try (ImageSource source = open(path, folder)) {
            if (source.count() == 0) {
                throw new IOException(path
                        + (folder == null || folder.skipped().isEmpty()
                                ? " holds no images"
                                : " has no readable image"));
            }
            return new StoredImages(
                    path,
                    sampled,
                    folder,
                    new Description(
                            path.toString(),
                            Files.isRegularFile(path) ? SampleRecord.sha256(path) : null,
                            source.count(),
                            sampled == null ? null : sampled.madeBy(),
                            folder == null ? null : Skipped.of(folder.skipped())));
        }
    }

    private static FolderImages folder(Path path, @Nullable SampleFolderReader sampled, boolean skipUnreadable)
            throws IOException {
        FolderImages all = sampled == null
                ? FolderImages.open(path)
                : FolderImages.of(
                        path,
                        sampled.images().stream()
                                .map(SampleFolderReader.Image::file)
                                .toList(),
                        sampled.images().stream()
                                .map(SampleFolderReader.Image::className)
                                .toList());
        return skipUnreadable ? all.readable() : all;
    }

    /** The first of these images. */
    StoredImages first(long most) {
        return new StoredImages(
                path,
                sampled,
                folder,
                new Description(
                        description.path(),
                        description.sha256(),
                        Math.min(most, description.images()),
                        description.madeBy(),
                        description.skipped()));
    }

    /** The images from the first one on; close it. */
    ImageSource open() throws IOException {
        return open(path, folder);
    }

    private static ImageSource open(Path path, @Nullable FolderImages folder) throws IOException {
        return folder == null ? ImageSource.open(path) : folder.again();
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
        if (folder != null) {
            folder.leftOut().forEach(console::note);
        }
        Skipped skipped = description.skipped();
        if (skipped != null) {
            collector.warn(new ScoreWarning(
                    ScoreWarning.Kind.SKIPPED_IMAGES,
                    skipped.count() + " unreadable images of " + path + " are left out: "
                            + String.join(", ", skipped.first())
                            + (skipped.count() > skipped.first().size() ? ", …" : "")));
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
