package dev.mediator.app.cli;

import dev.mediator.image.ContactSheet;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
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
        Map<Integer, List<SampleRecord.Image>> classes = new LinkedHashMap<>();
        record.images().forEach(image -> classes.computeIfAbsent(image.label(), label -> new ArrayList<>())
                .add(image));
        int count = classes.values().iterator().next().size();
        int columns = Math.min(count, MAX_COLUMNS);
        int shown = Math.min(classes.size(), maxRows(columns));
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (List<SampleRecord.Image> images : List.copyOf(classes.values()).subList(0, shown)) {
            rows.add(row(images.subList(0, columns)));
        }
        List<String> seeds = record.images().stream()
                .limit(columns)
                .map(image -> "seed " + image.seed())
                .toList();
        return new ContactSheet(title(), caption(columns, count, shown, classes.size()), seeds, rows).draw();
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
        return record.model() + ", guidance " + record.settings().guidance().scale() + ", mediators "
                + record.settings().mediators();
    }

    private String caption(int columns, int count, int rows, int classes) {
        return record.summary()
                + (columns < count ? "; the first " + columns + " of " + count + " pictures per class" : "")
                + (rows < classes ? "; the first " + rows + " of " + classes + " classes" : "");
    }
}
