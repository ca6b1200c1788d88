package dev.mediator.app.cli;

import dev.mediator.image.PngFile;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Where the pictures of one record are written. Closing one in which no picture was made leaves no trace of it. */
final class SampleFolder implements AutoCloseable {
    private static final String RECORD = "record.json";
    private static final String SHEET = "contact-sheet.png";

    private final Path path;
    private final SampleRecord record;
    private final boolean isNew;

    private SampleFolder(Path path, SampleRecord record, boolean isNew) {
        this.path = path;
        this.record = record;
        this.isNew = isNew;
    }

    /**
     * Opens a folder for a record: a new one, or one that the same command has begun to fill.
     *
     * @throws IOException if it holds the pictures of other settings, or cannot be written
     */
    static SampleFolder open(Path path, SampleRecord record) throws IOException {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new IOException(path + " is a file, --out names a folder");
        }
        SampleFolder folder = new SampleFolder(path, record, !Files.exists(path.resolve(RECORD)));
        if (folder.isNew) {
            folder.begin();
        } else {
            folder.requireSameRecord();
        }
        return folder;
    }

    private void begin() throws IOException {
        List<SampleRecord.Image> missing = missing();
        if (missing.size() < images().size()) {
            throw new IOException(path + " holds pictures of these names, but no " + RECORD
                    + " that tells how they were made; choose another --out");
        }
        Files.createDirectories(path);
        Path temporary = path.resolve(RECORD + ".tmp");
        try {
            Files.writeString(temporary, record.toJson());
            Files.move(temporary, recordFile(), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private void requireSameRecord() throws IOException {
        String stored = Files.readString(recordFile());
        if (!stored.equals(record.toJson())) {
            throw new IOException(path + " holds pictures made otherwise (" + record.differenceTo(stored)
                    + "); choose another --out");
        }
    }

    Path path() {
        return path;
    }

    List<SampleRecord.Image> images() {
        return record.images();
    }

    Path recordFile() {
        return path.resolve(RECORD);
    }

    Path file(SampleRecord.Image image) {
        return path.resolve(image.file());
    }

    /** The pictures that are not there yet. */
    List<SampleRecord.Image> missing() {
        return images().stream().filter(image -> !Files.exists(file(image))).toList();
    }

    /** Draws the pictures on one sheet. */
    Path writeContactSheet() throws IOException {
        Path file = path.resolve(SHEET);
        PngFile.write(file, new SampleContactSheet(this, record).draw());
        return file;
    }

    @Override
    public void close() throws IOException {
        if (isNew && missing().size() == images().size()) {
            Files.deleteIfExists(recordFile());
            try {
                Files.deleteIfExists(path);
            } catch (DirectoryNotEmptyException e) {
                // it was there before, with files of others
            }
        }
    }
}
