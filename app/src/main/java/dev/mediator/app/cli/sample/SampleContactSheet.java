package dev.mediator.app.cli.sample;

import dev.mediator.image.ContactSheet;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.stepwise.StaticSchedule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The contact sheet of a sampling: a row per class, a column per seed. Of a large one it shows the first seeds and classes,
 * and says so: a sheet is there to be looked at, and a bitmap of a million pictures would not fit into memory.
 */
final class SampleContactSheet {
    /** Pictures of a class that are shown. */
    static final int MAX_COLUMNS = 16;

    private static final long MAX_PIXELS = 32_000_000;
    private static final int MIN_CELL = 96; // small pictures are enlarged to about this size

    private final SampleFolder folder;
    private final SampleRecord record;

    SampleContactSheet(SampleFolder folder, SampleRecord record) {
        this.folder = folder;
        this.record = record;
    }

    Picture draw() throws IOException {
        List<List<SampleRecord.Image>> classes = classes();
        int count = classes.get(0).size();
        int columns = Math.min(count, MAX_COLUMNS);
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (List<SampleRecord.Image> images : shownByClass()) {
            rows.add(row(images));
        }
        List<String> seeds = record.images().stream()
                .limit(columns)
                .map(image -> "seed " + image.seed())
                .toList();
        return new ContactSheet(title(), caption(columns, count, rows.size(), classes.size()), seeds, rows).draw();
    }

    /** The pictures on the sheet, row by row. */
    List<SampleRecord.Image> shown() throws IOException {
        return shownByClass().stream().flatMap(List::stream).toList();
    }

    private List<List<SampleRecord.Image>> shownByClass() throws IOException {
        List<List<SampleRecord.Image>> classes = classes();
        int columns = Math.min(classes.get(0).size(), MAX_COLUMNS);
        int rows = Math.min(classes.size(), maxRows(columns));
        return classes.subList(0, rows).stream()
                .map(images -> images.subList(0, columns))
                .toList();
    }

    private List<List<SampleRecord.Image>> classes() {
        Map<Integer, List<SampleRecord.Image>> classes = new LinkedHashMap<>();
        record.images().forEach(image -> classes.computeIfAbsent(image.label(), label -> new ArrayList<>())
                .add(image));
        return List.copyOf(classes.values());
    }

    private ContactSheet.Row row(List<SampleRecord.Image> images) throws IOException {
        List<Picture> pictures = new ArrayList<>();
        for (SampleRecord.Image image : images) {
            pictures.add(PictureFile.read(folder.file(image)));
        }
        return new ContactSheet.Row(images.get(0).className(), pictures);
    }

    private int maxRows(int columns) throws IOException {
        Picture first = PictureFile.read(folder.file(record.images().get(0)));
        long cell = Math.max(MIN_CELL, Math.max(first.width(), first.height()));
        return (int) Math.max(1, MAX_PIXELS / (columns * cell * cell));
    }

    private String title() {
        String attention = record.settings().schedule() instanceof StaticSchedule fixed
                ? "mediators " + fixed.mediators()
                : record.schedule();
        return record.modelNames() + ", " + record.settings().guidance().summary() + ", " + attention;
    }

    private String caption(int columns, int count, int rows, int classes) {
        return record.summary()
                + (columns < count ? "; the first " + columns + " of " + count + " pictures per class" : "")
                + (rows < classes ? "; the first " + rows + " of " + classes + " classes" : "");
    }
}
