package dev.mediator.app.cli.sample;

import dev.mediator.file.FolderLock;
import dev.mediator.file.JsonFile;
import dev.mediator.generation.Generation;
import dev.mediator.image.PngFile;
import dev.mediator.stepwise.StaticSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Where the pictures of one record are written. Closing one in which no picture was made leaves no trace of it. */
public final class SampleFolder implements AutoCloseable {
    public static final String RECORD = "record.json";
    private static final String TRACES = "traces.jsonl";
    private static final String SHEET = "contact-sheet.png";
    private static final String STAGES = "stages.png";

    private final Path path;
    private final SampleRecord record;
    private final boolean isNew;
    private final SampleTraces traces;
    private final FolderLock lock;

    private SampleFolder(Path path, SampleRecord record, @Nullable ObjectNode stored, FolderLock lock)
            throws IOException {
        this.lock = lock;
        this.path = path;
        this.record = record;
        this.isNew = stored == null;
        this.traces = SampleTraces.open(path.resolve(TRACES), stored);
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
        FolderLock lock = FolderLock.ofFolder(path, "sample");
        boolean opened = false;
        try {
            SampleFolder folder = open(path, record, lock);
            opened = true;
            return folder;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    private static SampleFolder open(Path path, SampleRecord record, FolderLock lock) throws IOException {
        Path file = path.resolve(RECORD);
        ObjectNode stored = Files.exists(file) ? SampleFolderReader.record(file) : null;
        if (stored != null) {
            requireSame(path, record, stored);
        }
        SampleFolder folder = new SampleFolder(path, record, stored, lock);
        if (folder.isNew) {
            folder.begin();
        }
        return folder;
    }

    /**
     * Opens a folder that is named after a record. Where the shortest name is taken by another record of the same hash, a
     * longer one.
     *
     * @param parent where folders are
     * @throws IOException as {@link #open} does
     */
    static SampleFolder named(Path parent, SampleRecord record) throws IOException {
        List<Path> paths = record.folderNames().stream().map(parent::resolve).toList();
        for (Path path : paths) {
            Path file = path.resolve(RECORD);
            if (!Files.exists(file)
                    || record.differenceTo(SampleFolderReader.record(file)).isEmpty()) {
                return open(path, record);
            }
        }
        return open(paths.get(paths.size() - 1), record);
    }

    private static void requireSame(Path path, SampleRecord record, ObjectNode stored) throws IOException {
        Optional<String> difference = record.differenceTo(stored);
        if (difference.isPresent()) {
            throw new IOException(
                    path + " holds pictures made otherwise (" + difference.get() + "); choose another --out");
        }
    }

    private void begin() throws IOException {
        if (hasPictures()) {
            throw new IOException(path + " holds pictures of these names, but no " + RECORD
                    + " that tells how they were made; choose another --out");
        }
        traces.delete(); // of a record that is gone
        write(record);
    }

    private boolean hasPictures() {
        return images().stream().anyMatch(image -> Files.exists(file(image)));
    }

    private void write(SampleRecord whole) throws IOException {
        JsonFile.writeSealed(recordFile(), whole.toJson());
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

    /** The pictures that are not there yet, or of which nobody knows what they went through. */
    List<SampleRecord.Image> missing() {
        return images().stream()
                .filter(image -> !Files.exists(file(image)) || traces.of(image) == null)
                .toList();
    }

    /** Writes pictures, each after its trace. */
    void add(List<SampleRecord.Image> part, Generation made) throws IOException {
        Map<String, SampleTrace> batch = new LinkedHashMap<>();
        for (int i = 0; i < part.size(); i++) {
            batch.put(part.get(i).file(), SampleTrace.of(made.traces().get(i)));
        }
        traces.add(batch);
        for (int i = 0; i < part.size(); i++) {
            PngFile.write(file(part.get(i)), made.pictures().get(i));
        }
    }

    /**
     * Once all pictures are there: completes the record with what they went through, and draws them on one sheet, with a
     * chart of their stages if their schedule may have several.
     */
    Finished finish() throws IOException {
        SampleRecord whole = record.with(traces);
        write(whole);
        traces.delete();
        SampleContactSheet sheet = new SampleContactSheet(this, whole);
        Path sheetFile = path.resolve(SHEET);
        PngFile.write(sheetFile, sheet.draw());
        Path chartFile = null;
        if (!(record.settings().schedule() instanceof StaticSchedule)) {
            chartFile = path.resolve(STAGES);
            PngFile.write(chartFile, new SampleStagesChart(whole).draw(sheet.shown()));
        }
        return new Finished(whole, sheetFile, chartFile);
    }

    /**
     * A folder that is complete.
     *
     * @param record with what each picture went through
     * @param contactSheet the file of the contact sheet
     * @param stages the file of the chart of stages; null with a static schedule
     */
    record Finished(
            SampleRecord record,
            Path contactSheet,
            @Nullable Path stages) {}

    @Override
    public void close() throws IOException {
        if (isNew && !hasPictures()) {
            traces.delete();
            Files.deleteIfExists(recordFile());
        }
        lock.close();
    }
}
