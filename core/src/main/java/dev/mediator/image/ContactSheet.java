package dev.mediator.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Many pictures on one: a row per class (or seed, or setting) with its name at the left, and optionally a name above each
 * column. Small pictures are enlarged by a whole factor without smoothing, so that every pixel of theirs can be seen.
 *
 * @param title the headline; may be empty
 * @param caption a smaller line below it, such as how the pictures were made; may be empty
 * @param columns names of the columns; empty for none
 * @param rows the rows; all pictures have one size
 */
public record ContactSheet(String title, String caption, List<String> columns, List<Row> rows) {
    private static final int CELL = 96;
    private static final int GAP = 4;
    private static final int MARGIN = 20;
    private static final int MAX_LABEL = 180;
    private static final int LABEL_GAP = 14;
    private static final Color PAPER = Color.WHITE;
    private static final Color INK = new Color(0x20, 0x24, 0x2b);
    private static final Color PALE_INK = new Color(0x6a, 0x72, 0x80);

    /**
     * One row.
     *
     * @param label its name; may be empty
     * @param pictures from left to right
     */
    public record Row(String label, List<Picture> pictures) {
        public Row {
            pictures = List.copyOf(pictures);
        }
    }

    public ContactSheet {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        int widest = rows.stream().mapToInt(row -> row.pictures().size()).max().orElse(0);
        if (widest == 0) {
            throw new IllegalArgumentException("the contact sheet '" + title + "' has no pictures");
        }
        if (columns.size() > widest) {
            throw new IllegalArgumentException("the contact sheet '" + title + "' has " + columns.size()
                    + " column names for " + widest + " columns");
        }
        List<Picture> all =
                rows.stream().flatMap(row -> row.pictures().stream()).toList();
        for (Picture picture : all) {
            if (picture.width() != all.get(0).width()
                    || picture.height() != all.get(0).height()) {
                throw new IllegalArgumentException("the contact sheet '" + title + "' has pictures of different sizes: "
                        + all.get(0) + " and " + picture);
            }
        }
    }

    /** A sheet without caption and column names. */
    public static ContactSheet of(String title, List<Row> rows) {
        return new ContactSheet(title, "", List.of(), rows);
    }

    /** Draws the sheet, in colour. */
    public Picture draw() {
        return new Layout(this).draw();
    }

    /** Positions of everything on the sheet, in pixels. */
    private static final class Layout {
        private final ContactSheet sheet;
        private final Lettering titles = Lettering.bold(20);
        private final Lettering labels = Lettering.plain(14);
        private final Lettering captions = Lettering.plain(12);
        private final int scale;
        private final int cellWidth;
        private final int cellHeight;
        private final int left;
        private final int top;
        private final int width;
        private final int height;

        Layout(ContactSheet sheet) {
            this.sheet = sheet;
            Picture first = sheet.rows.stream()
                    .flatMap(row -> row.pictures().stream())
                    .findFirst()
                    .orElseThrow();
            this.scale = Math.max(1, Math.round((float) CELL / Math.max(first.width(), first.height())));
            this.cellWidth = first.width() * scale;
            this.cellHeight = first.height() * scale;
            int labelWidth = sheet.rows.stream()
                    .mapToInt(row -> Math.min(MAX_LABEL, labels.width(row.label())))
                    .max()
                    .orElse(0);
            this.left = MARGIN + (labelWidth == 0 ? 0 : labelWidth + LABEL_GAP);
            this.top = headHeight();
            int columns = sheet.rows.stream()
                    .mapToInt(row -> row.pictures().size())
                    .max()
                    .orElseThrow();
            int cells = left + columns * (cellWidth + GAP) - GAP + MARGIN;
            this.width =
                    Math.max(cells, Math.max(titles.width(sheet.title), captions.width(sheet.caption)) + 2 * MARGIN);
            this.height = top + sheet.rows.size() * (cellHeight + GAP) - GAP + MARGIN;
        }

        private int headHeight() {
            int y = MARGIN;
            y += sheet.title.isEmpty() ? 0 : titles.lineHeight() + 6;
            y += sheet.caption.isEmpty() ? 0 : captions.lineHeight() + 6;
            y += y == MARGIN ? 0 : 6;
            return y + (sheet.columns.isEmpty() ? 0 : labels.lineHeight() + 4);
        }

        Picture draw() {
            BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
            Graphics2D graphics = Lettering.smooth(image.createGraphics());
            graphics.setColor(PAPER);
            graphics.fillRect(0, 0, width, height);
            drawHead(graphics);
            for (int r = 0; r < sheet.rows.size(); r++) {
                drawRow(graphics, sheet.rows.get(r), top + r * (cellHeight + GAP));
            }
            graphics.dispose();
            return AwtPictures.fromAwt(image);
        }

        private void drawHead(Graphics2D graphics) {
            int y = MARGIN;
            graphics.setColor(INK);
            if (!sheet.title.isEmpty()) {
                titles.draw(graphics, sheet.title, MARGIN, y + titles.lineHeight() / 2);
                y += titles.lineHeight() + 6;
            }
            graphics.setColor(PALE_INK);
            if (!sheet.caption.isEmpty()) {
                captions.draw(graphics, sheet.caption, MARGIN, y + captions.lineHeight() / 2);
            }
            for (int c = 0; c < sheet.columns.size(); c++) {
                String name = labels.fit(sheet.columns.get(c), cellWidth);
                int x = left + c * (cellWidth + GAP) + (cellWidth - labels.width(name)) / 2;
                labels.draw(graphics, name, x, top - 4 - labels.lineHeight() / 2);
            }
        }

        private void drawRow(Graphics2D graphics, Row row, int y) {
            graphics.setColor(INK);
            String label = labels.fit(row.label(), MAX_LABEL);
            labels.draw(graphics, label, left - LABEL_GAP - labels.width(label), y + cellHeight / 2);
            for (int c = 0; c < row.pictures().size(); c++) {
                BufferedImage cell =
                        AwtPictures.toAwt(row.pictures().get(c).withChannels(3).enlarged(scale));
                graphics.drawImage(cell, left + c * (cellWidth + GAP), y, null);
            }
        }
    }
}
