package dev.mediator.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A row of coloured stretches per item, such as which stage of a schedule made which step of each picture. Colours go from
 * pale for the first kind to dark for the last, so that kinds that are an order look like one.
 *
 * @param title the headline; may be empty
 * @param caption a smaller line below it; may be empty
 * @param axis what lengths are counted in, such as {@code step}
 * @param kinds names of the kinds of stretches, in order; at least one
 * @param rows the rows, at least one
 */
public record StripChart(String title, String caption, String axis, List<String> kinds, List<Row> rows) {
    private static final int STRIPS = 720;
    private static final int ROW = 16;
    private static final int GAP = 3;
    private static final int MARGIN = 20;
    private static final int MAX_LABEL = 220;
    private static final int LABEL_GAP = 12;
    private static final int SWATCH = 14;
    private static final int TICK = 5;
    private static final int MAX_TICKS = 10;
    private static final Color PAPER = Color.WHITE;
    private static final Color INK = new Color(0x20, 0x24, 0x2b);
    private static final Color PALE_INK = new Color(0x6a, 0x72, 0x80);

    /** A sequence from pale to dark that keeps its order for colour-blind readers and in grey (ColorBrewer YlGnBu). */
    private static final Color[] SEQUENCE = {
        new Color(0xc7, 0xe9, 0xb4),
        new Color(0x41, 0xb6, 0xc4),
        new Color(0x22, 0x5e, 0xa8),
        new Color(0x08, 0x1d, 0x58)
    };

    /**
     * A stretch of one kind.
     *
     * @param kind its index among the kinds
     * @param length at least 1
     */
    public record Stretch(int kind, int length) {}

    /**
     * One item.
     *
     * @param label its name, at the left; may be empty
     * @param stretches from left to right
     * @param note what stands at the right end; may be empty
     */
    public record Row(String label, List<Stretch> stretches, String note) {
        public Row {
            stretches = List.copyOf(stretches);
        }

        private int length() {
            return stretches.stream().mapToInt(Stretch::length).sum();
        }
    }

    public StripChart {
        kinds = List.copyOf(kinds);
        rows = List.copyOf(rows);
        for (Row row : rows) {
            for (Stretch stretch : row.stretches()) {
                if (stretch.kind() < 0 || stretch.kind() >= kinds.size() || stretch.length() < 1) {
                    throw new IllegalArgumentException("the row '" + row.label() + "' has a stretch of kind "
                            + stretch.kind() + " and length " + stretch.length() + ", allowed are kinds of 0 to "
                            + (kinds.size() - 1) + " and lengths of 1 or more");
                }
            }
        }
        if (rows.stream().allMatch(row -> row.stretches().isEmpty())) {
            throw new IllegalArgumentException("the chart '" + title + "' has nothing to show");
        }
    }

    /** Draws the chart, in colour. */
    public Picture draw() {
        return new Layout(this).draw();
    }

    /** The colour of a kind. */
    private Color colour(int kind) {
        double place = kinds.size() == 1 ? 0 : (double) kind / (kinds.size() - 1) * (SEQUENCE.length - 1);
        int below = Math.min(SEQUENCE.length - 2, (int) place);
        double part = place - below;
        Color a = SEQUENCE[below];
        Color b = SEQUENCE[below + 1];
        return new Color(
                mix(a.getRed(), b.getRed(), part),
                mix(a.getGreen(), b.getGreen(), part),
                mix(a.getBlue(), b.getBlue(), part));
    }

    private static int mix(int a, int b, double part) {
        return (int) Math.round(a + part * (b - a));
    }

    /** Positions of everything on the chart, in pixels. */
    private static final class Layout {
        private final StripChart chart;
        private final Lettering titles = Lettering.bold(20);
        private final Lettering captions = Lettering.plain(12);
        private final Lettering labels = Lettering.plain(12);
        private final int longest;
        private final int left;
        private final int top;
        private final int legendY;
        private final int width;
        private final int height;

        Layout(StripChart chart) {
            this.chart = chart;
            this.longest = chart.rows.stream().mapToInt(Row::length).max().orElseThrow();
            int labelWidth = chart.rows.stream()
                    .mapToInt(row -> Math.min(MAX_LABEL, labels.width(row.label())))
                    .max()
                    .orElse(0);
            int noteWidth = chart.rows.stream()
                    .mapToInt(row -> labels.width(row.note()))
                    .max()
                    .orElse(0);
            this.left = MARGIN + (labelWidth == 0 ? 0 : labelWidth + LABEL_GAP);
            this.legendY = headHeight();
            this.top = legendY + Math.max(SWATCH, labels.lineHeight()) + 14;
            int strips = left + STRIPS + (noteWidth == 0 ? 0 : LABEL_GAP + noteWidth) + MARGIN;
            int head = Math.max(
                    legendWidth(), Math.max(titles.width(chart.title), captions.width(chart.caption)) + 2 * MARGIN);
            this.width = Math.max(strips, head);
            this.height = rowsEnd() + TICK + 2 + 2 * labels.lineHeight() + MARGIN;
        }

        private int headHeight() {
            int y = MARGIN;
            y += chart.title.isEmpty() ? 0 : titles.lineHeight() + 6;
            y += chart.caption.isEmpty() ? 0 : captions.lineHeight() + 6;
            return y == MARGIN ? y : y + 4;
        }

        private int legendWidth() {
            return left
                    + MARGIN
                    + chart.kinds.stream().mapToInt(this::entryWidth).sum();
        }

        private int entryWidth(String kind) {
            return SWATCH + 6 + labels.width(kind) + 20;
        }

        private int rowsEnd() {
            return top + chart.rows.size() * (ROW + GAP) - GAP;
        }

        /** Where the end of a length lies. */
        private int x(int length) {
            return left + (int) Math.round((double) STRIPS * length / longest);
        }

        Picture draw() {
            BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
            Graphics2D graphics = Lettering.smooth(image.createGraphics());
            graphics.setColor(PAPER);
            graphics.fillRect(0, 0, width, height);
            drawHead(graphics);
            drawLegend(graphics);
            for (int r = 0; r < chart.rows.size(); r++) {
                drawRow(graphics, chart.rows.get(r), top + r * (ROW + GAP));
            }
            drawAxis(graphics);
            graphics.dispose();
            return AwtPictures.fromAwt(image);
        }

        private void drawHead(Graphics2D graphics) {
            int y = MARGIN;
            if (!chart.title.isEmpty()) {
                graphics.setColor(INK);
                titles.draw(graphics, chart.title, MARGIN, y + titles.lineHeight() / 2);
                y += titles.lineHeight() + 6;
            }
            graphics.setColor(PALE_INK);
            captions.draw(graphics, chart.caption, MARGIN, y + captions.lineHeight() / 2);
        }

        private void drawLegend(Graphics2D graphics) {
            int x = left;
            for (int kind = 0; kind < chart.kinds.size(); kind++) {
                graphics.setColor(chart.colour(kind));
                graphics.fillRect(x, legendY, SWATCH, SWATCH);
                graphics.setColor(INK);
                labels.draw(graphics, chart.kinds.get(kind), x + SWATCH + 6, legendY + SWATCH / 2);
                x += entryWidth(chart.kinds.get(kind));
            }
        }

        private void drawRow(Graphics2D graphics, Row row, int y) {
            graphics.setColor(INK);
            String label = labels.fit(row.label(), MAX_LABEL);
            labels.draw(graphics, label, left - LABEL_GAP - labels.width(label), y + ROW / 2);
            int done = 0;
            for (Stretch stretch : row.stretches()) {
                graphics.setColor(chart.colour(stretch.kind()));
                graphics.fillRect(x(done), y, x(done + stretch.length()) - x(done), ROW);
                done += stretch.length();
            }
            graphics.setColor(INK);
            labels.draw(graphics, row.note(), left + STRIPS + LABEL_GAP, y + ROW / 2);
        }

        private void drawAxis(Graphics2D graphics) {
            int y = rowsEnd() + 2;
            graphics.setColor(PALE_INK);
            int distance = tickDistance();
            for (int length = 0; length <= longest; length += distance) {
                graphics.fillRect(x(length), y, 1, TICK);
                String number = Integer.toString(length);
                labels.draw(graphics, number, x(length) - labels.width(number) / 2, y + TICK + labels.lineHeight() / 2);
            }
            labels.draw(
                    graphics,
                    chart.axis,
                    left + (STRIPS - labels.width(chart.axis)) / 2,
                    y + TICK + labels.lineHeight() * 3 / 2);
        }

        /** 1, 2 or 5 times a power of ten. */
        private int tickDistance() {
            for (int power = 1; ; power *= 10) {
                for (int factor : new int[] {1, 2, 5}) {
                    if (longest / (factor * power) <= MAX_TICKS) {
                        return factor * power;
                    }
                }
            }
        }
    }
}
