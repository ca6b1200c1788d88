package dev.mediator.app.cli.sample;

import dev.mediator.file.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A folder that {@code sample} has filled, as read from its record.
 *
 * @param path the folder
 * @param madeBy the record without its pictures: checkpoints and settings
 * @param images its pictures, all of which are there
 */
public record SampleFolderReader(Path path, JsonNode madeBy, List<Image> images) {
    /**
     * One picture.
     *
     * @param gflops what it has cost; null if the record does not tell
     */
    public record Image(
            Path file,
            int label,
            String className,
            long seed,
            @Nullable Double gflops) {}

    public SampleFolderReader {
        images = List.copyOf(images);
    }

    /** True if a folder has a record. */
    public static boolean isOne(Path folder) {
        return Files.isRegularFile(folder.resolve(SampleFolder.RECORD));
    }

    /**
     * Reads a folder's record.
     *
     * @throws IOException if {@code sample} did not make it, or a picture is missing
     */
    public static SampleFolderReader read(Path folder) throws IOException {
        Path file = folder.resolve(SampleFolder.RECORD);
        ObjectNode record = record(file);
        List<Image> images = new ArrayList<>();
        for (JsonNode image : record.path("images")) {
            images.add(image(folder, file, image));
        }
        if (images.isEmpty() || !record.path("models").isArray()) {
            throw new IOException(file + " is no record of sample: it names no models or images");
        }
        requireAll(folder, images);
        ObjectNode madeBy = record.deepCopy();
        madeBy.remove("images");
        return new SampleFolderReader(folder, madeBy, images);
    }

    /**
     * A record, as {@code sample} writes it.
     *
     * @throws IOException if the file cannot be read, or is none
     */
    static ObjectNode record(Path file) throws IOException {
        ObjectNode record = JsonFile.object(file);
        JsonNode images = record.path("images");
        if (!images.isArray() || !images.valueStream().allMatch(JsonNode::isObject)) {
            throw new IOException(file + " is no record of sample: its 'images' is not a list of objects");
        }
        return record;
    }

    private static Image image(Path folder, Path record, JsonNode image) throws IOException {
        String name = image.path("file").asString("");
        if (!isFileName(name)
                || !image.path("label").isInt()
                || !image.path("seed").isIntegralNumber()
                || !image.path("seed").canConvertToLong()) {
            throw new IOException(record + " is no record of sample: an image lacks file, label or seed");
        }
        JsonNode gflops = image.path("trace").path("gflops");
        int label = image.path("label").intValue();
        return new Image(
                folder.resolve(name),
                label,
                image.path("className").asString(Integer.toString(label)),
                image.path("seed").longValue(),
                gflops.isNumber() ? gflops.doubleValue() : null);
    }

    private static boolean isFileName(String name) {
        try {
            return !name.isEmpty() && Path.of(name).equals(Path.of(name).getFileName());
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static void requireAll(Path folder, List<Image> images) throws IOException {
        Set<Path> missing = new HashSet<>();
        images.stream().map(Image::file).filter(file -> !Files.exists(file)).forEach(missing::add);
        if (!missing.isEmpty()) {
            throw new IOException(folder + " lacks " + missing.size() + " of the " + images.size()
                    + " pictures of its record; the sample command that began it makes the rest");
        }
    }

    /** The checkpoints' names. */
    public String modelNames() {
        return String.join(
                ", ",
                madeBy.path("models")
                        .valueStream()
                        .map(model -> model.path("file").asString("?"))
                        .toList());
    }
}
