package dev.mediator.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table of numbers as colours, such as a score per layer and time, with a bar that tells which colour is which number.
 *
 * @param title the headline; may be empty
 * @param xName what the columns are
 * @param yName what the rows are
 * @param valueName what the numbers are
 * @param columns names of the columns, from left to right; left out where there is no room
 * @param rows names of the rows, from the top; left out where there is no room
 * @param values the numbers, row by row
 * @param scale their colours
 */
public record HeatMap(
        String title,
        String xName,
        String yName,
        String valueName,
        List<String> columns,
        List<String> rows,
        List<List<Double>> values,
        ColourScale scale) {
    private static final int WIDTH = 960;
    private static final int MARGIN = 24;
    private static final int GAP = 10;
    private static final int BAR_GAP = 28;
    private static final int BAR_WIDTH = 18;
    private static final int BAR_TICKS = 5;
    private static final int PREFERRED_HEIGHT = 360;
    private static final int MIN_CELL = 12;
    private static final int MAX_CELL = 60;
    private static final Color INK = new Color(0x20, 0x24, 0x2b);

    public HeatMap {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        values = values.stream().map(List::copyOf).toList();
        int width = columns.size();
        if (columns.isEmpty() || rows.isEmpty()) {
            throw new IllegalArgumentException("the heat map '" + title + "' has no cells");
        }
        if (values.size() != rows.size() || values.stream().anyMatch(row -> row.size() != width)) {
            throw new IllegalArgumentException("the heat map '" + title + "' has names for " + rows.size() + " rows of "
                    + width + " numbers, but other numbers");
        }
        if (values.stream().flatMap(List::stream).anyMatch(value -> !Double.isFinite(value))) {
            throw new IllegalArgumentException("the heat map '" + title + "' has a value that is not finite");
        }
    }

    /** Draws the map, 960 pixels wide, in colour. */
    public Picture draw() {
        return new Layout(this).draw();
    }

    /** Positions of everything, in pixels. */
    private static final class Layout {
        private final HeatMap map;
        private final Lettering titles = Lettering.bold(18);
        private final Lettering names = Lettering.plain(13);
        private final Lettering ticks = Lettering.plain(12);
        private final List<String> barLabels;
        private final int left;
        private final int top;
        private final int plotWidth;
        private final int plotHeight;

        Layout(HeatMap map) {
            this.map = map;
            this.barLabels = IntStream.range(0, BAR_TICKS)
                    .mapToObj(i -> number(map.scale.low() + (map.scale.high() - map.scale.low()) * i / (BAR_TICKS - 1)))
                    .toList();
            int cell = Math.max(MIN_CELL, Math.min(MAX_CELL, PREFERRED_HEIGHT / map.rows.size()));
            this.left = MARGIN + widest(map.rows) + GAP;
            this.top = MARGIN + (map.title.isEmpty() ? 0 : titles.lineHeight() + GAP) + names.lineHeight() + GAP;
            int right = BAR_GAP + BAR_WIDTH + GAP + widest(barLabels) + MARGIN;
            this.plotWidth = WIDTH - left - right;
            this.plotHeight = cell * map.rows.size();
        }

        private int widest(List<String> labels) {
            return labels.stream().mapToInt(ticks::width).max().orElse(0);
        }

        Picture draw() {
            int height = top + plotHeight + ticks.lineHeight() + names.lineHeight() + 2 * GAP + MARGIN;
            BufferedImage image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_3BYTE_BGR);
            Graphics2D graphics = Lettering.smooth(image.createGraphics());
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, WIDTH, height);
            drawCells(graphics);
            drawBar(graphics);
            graphics.setColor(INK);
            drawNames(graphics);
            drawTicks(graphics);
            graphics.dispose();
            return AwtPictures.fromAwt(image);
        }

        private void drawCells(Graphics2D graphics) {
            for (int r = 0; r < map.rows.size(); r++) {
                for (int c = 0; c < map.columns.size(); c++) {
                    graphics.setColor(new Color(map.scale.rgb(map.values.get(r).get(c))));
                    graphics.fillRect(columnEdge(c), rowEdge(r), columnEdge(c + 1) - columnEdge(c), rowEdge(1) - top);
                }
            }
        }

        private void drawBar(Graphics2D graphics) {
            int x = left + plotWidth + BAR_GAP;
            for (int y = 0; y < plotHeight; y++) {
                double fraction = 1 - (y + 0.5) / plotHeight;
                double value = map.scale.low() + fraction * (map.scale.high() - map.scale.low());
                graphics.setColor(new Color(map.scale.rgb(value)));
                graphics.fillRect(x, top + y, BAR_WIDTH, 1);
            }
            graphics.setColor(INK);
            for (int i = 0; i < BAR_TICKS; i++) {
                int y = top + Math.round(plotHeight * (1 - i / (BAR_TICKS - 1f)));
                ticks.draw(graphics, barLabels.get(i), x + BAR_WIDTH + GAP, y);
            }
        }

        private void drawNames(Graphics2D graphics) {
            if (!map.title.isEmpty()) {
                titles.draw(
                        graphics, titles.fit(map.title, WIDTH - 2 * MARGIN), MARGIN, MARGIN + titles.lineHeight() / 2);
            }
            int above = top - GAP - names.lineHeight() / 2;
            names.draw(graphics, map.yName, MARGIN, above);
            names.draw(graphics, map.valueName, WIDTH - MARGIN - names.width(map.valueName), above);
            int below = top + plotHeight + 2 * GAP + ticks.lineHeight() + names.lineHeight() / 2;
            names.draw(graphics, map.xName, left + (plotWidth - names.width(map.xName)) / 2, below);
        }

        /** Every n-th name, with the smallest n for which they do not touch. */
        private void drawTicks(Graphics2D graphics) {
            int everyColumn = ceil((widest(map.columns) + GAP) * map.columns.size(), plotWidth);
            for (int c = 0; c < map.columns.size(); c += everyColumn) {
                String name = map.columns.get(c);
                int middle = (columnEdge(c) + columnEdge(c + 1)) / 2;
                ticks.draw(
                        graphics,
                        name,
                        middle - ticks.width(name) / 2,
                        top + plotHeight + GAP + ticks.lineHeight() / 2);
            }
            int everyRow = ceil(ticks.lineHeight() * map.rows.size(), plotHeight);
            for (int r = 0; r < map.rows.size(); r += everyRow) {
                String name = map.rows.get(r);
                ticks.draw(graphics, name, left - GAP - ticks.width(name), (rowEdge(r) + rowEdge(r + 1)) / 2);
            }
        }

        private int columnEdge(int column) {
            return left + Math.round((float) plotWidth * column / map.columns.size());
        }

        private int rowEdge(int row) {
            return top + plotHeight / map.rows.size() * row;
        }

        private static int ceil(int dividend, int divisor) {
            return (dividend + divisor - 1) / divisor;
        }

        private static String number(double value) {
            return new BigDecimal(value)
                    .round(new MathContext(3))
                    .stripTrailingZeros()
                    .toPlainString();
        }
    }
}
