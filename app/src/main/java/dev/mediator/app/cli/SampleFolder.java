package dev.mediator.app.cli;

import dev.mediator.image.ContactSheet;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.image.PngFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the pictures of one record are written. */
final class SampleFolder {
    private static final String RECORD = "record.json";
    private static final String SHEET = "contact-sheet.png";

    private final Path path;
    private final List<SampleRecord.Image> images;

    private SampleFolder(Path path, SampleRecord record) {
        this.path = path;
        this.images = record.images();
    }

    /**
     * Opens a folder for a record: a new one, or one that the same command has begun to fill.
     *
     * @throws IOException if it holds the pictures of other settings, or cannot be written
     */
    static SampleFolder open(Path path, SampleRecord record) throws IOException {
        SampleFolder folder = new SampleFolder(path, record);
        Path file = folder.recordFile();
        if (Files.exists(file)) {
            if (!Files.readString(file).equals(record.toJson())) {
                throw new IOException(
                        path + " holds pictures made with other settings (see " + file + "); choose another --out");
            }
            return folder;
        }
        Files.createDirectories(path);
        Path temporary = path.resolve(RECORD + ".tmp");
        Files.writeString(temporary, record.toJson());
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        return folder;
    }

    Path path() {
        return path;
    }

    List<SampleRecord.Image> images() {
        return images;
    }

    Path recordFile() {
        return path.resolve(RECORD);
    }

    Path file(SampleRecord.Image image) {
        return path.resolve(image.file());
    }

    /** The pictures that are not there yet. */
    List<SampleRecord.Image> missing() {
        return images.stream().filter(image -> !Files.exists(file(image))).toList();
    }

    /** Draws all pictures on one sheet, a row per class. */
    Path writeContactSheet(SampleRecord record) throws IOException {
        Map<String, List<Picture>> rows = new LinkedHashMap<>();
        for (SampleRecord.Image image : images) {
            rows.computeIfAbsent(image.className(), name -> new ArrayList<>()).add(PictureFile.read(file(image)));
        }
        String title =
                record.model() + ", guidance " + record.settings().guidance().scale() + ", mediators "
                        + record.settings().mediators();
        Picture sheet = new ContactSheet(
                        title,
                        record.summary(),
                        images.stream()
                                .limit(rows.values().iterator().next().size())
                                .map(image -> "seed " + image.seed())
                                .toList(),
                        rows.entrySet().stream()
                                .map(row -> new ContactSheet.Row(row.getKey(), row.getValue()))
                                .toList())
                .draw();
        Path file = path.resolve(SHEET);
        PngFile.write(file, sheet);
        return file;
    }
}
