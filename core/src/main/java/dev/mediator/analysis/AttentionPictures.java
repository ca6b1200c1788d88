package dev.mediator.analysis;

import dev.mediator.image.ContactSheet;
import dev.mediator.image.Picture;
import dev.mediator.image.Resampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Sheets of what queries look at: a sheet per layer, on it a row per query and a column per head.
 *
 * @param snapshot what was seen
 * @param choice which layers, heads and queries
 * @param grid tokens per side
 * @param subject of what, for the headlines
 */
public record AttentionPictures(AttentionSnapshot snapshot, AttentionSnapshot.Choice choice, int grid, String subject) {
    private static final int CELL = 112; // at least about this many pixels a side
    private static final int MOST = 256; // larger pictures, such as of latents, are reduced to about this many
    private static final int MOSAIC = 240;
    private static final int BORDER = 2; // of tiles' pixels: heads are further apart than mediators
    private static final int OUTLINE = 2;
    private static final int RED = 0xff2d2d;

    /** The queries of one layer: each marked in the estimate and in the result, and its attention in each head. */
    public Picture queries(LayerAttention layer) {
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (int i = 0; i < choice.queries().size(); i++) {
            Token query = choice.queries().get(i);
            List<Picture> pictures = Stream.concat(
                            Stream.of(snapshot.estimate(), snapshot.result()),
                            layer.queries().get(i).stream().map(TokenWeights::draw))
                    .map(picture -> marked(picture, query))
                    .toList();
            rows.add(new ContactSheet.Row(query.toString(), pictures));
        }
        List<String> columns =
                Stream.concat(Stream.of("estimate", "result"), headNames()).toList();
        String caption = "A row per query (row:column, red) and its attention to all tokens in each head, from 0 (dark)"
                + " to the map's largest weight (bright)";
        return new ContactSheet(title(layer), caption, columns, rows).draw();
    }

    /** What the mediators of a layer read, each at its place in their grid; for layers that have some. */
    public Picture mediators(LayerAttention layer) {
        List<Picture> mosaics =
                layer.mediators().stream().map(AttentionPictures::mosaic).toList();
        String caption = "What each of the " + layer.mediators().get(0).size()
                + " mediators reads, at its place in their grid, from 0 (dark) to its largest weight (bright)";
        List<ContactSheet.Row> rows = List.of(new ContactSheet.Row("", mosaics));
        return new ContactSheet(title(layer), caption, headNames().toList(), rows).draw();
    }

    private Stream<String> headNames() {
        return choice.heads().stream().map(head -> "head " + head);
    }

    private String title(LayerAttention layer) {
        return String.format(Locale.ROOT, "Layer %d, t = %.3f, %s", layer.layer(), snapshot.t(), subject);
    }

    /** A picture in colour at the size of all cells, with the outline of the query's patch. */
    private Picture marked(Picture picture, Token query) {
        int side = side();
        Picture large = sized(picture.withChannels(3), side);
        int patch = side / grid;
        byte[] samples = large.samples();
        int left = query.column() * patch;
        int top = query.row() * patch;
        for (int y = top; y < top + patch; y++) {
            for (int x = left; x < left + patch; x++) {
                int toEdge = Math.min(Math.min(x - left, left + patch - 1 - x), Math.min(y - top, top + patch - 1 - y));
                if (toEdge < OUTLINE) {
                    paint(samples, y * side + x, RED);
                }
            }
        }
        return Picture.of(side, side, 3, samples);
    }

    /** A whole multiple of the grid, so that a token is a square, and of small pictures, so that a pixel is one. */
    private int side() {
        int pixels = snapshot.estimate().width();
        return pixels <= MOST
                ? pixels * Math.max(1, Math.round((float) CELL / pixels))
                : grid * Math.max(1, MOST / grid);
    }

    private static Picture sized(Picture picture, int side) {
        return side % picture.width() == 0
                ? picture.enlarged(side / picture.width())
                : Resampling.BICUBIC.resize(picture, side, side);
    }

    /** A square of tiles with thin lines between them. */
    private static Picture mosaic(List<TokenWeights> maps) {
        int perSide = (int) Math.round(Math.sqrt(maps.size()));
        List<Picture> tiles = maps.stream().map(TokenWeights::draw).toList();
        int tile = tiles.get(0).width();
        int side = perSide * (tile + 1) + BORDER;
        byte[] samples = new byte[3 * side * side];
        Arrays.fill(samples, (byte) 0xff);
        for (int i = 0; i < tiles.size(); i++) {
            int top = i / perSide * (tile + 1);
            int corner = top * side + i % perSide * (tile + 1);
            byte[] part = tiles.get(i).samples();
            for (int y = 0; y < tile; y++) {
                System.arraycopy(part, 3 * y * tile, samples, 3 * (corner + y * side), 3 * tile);
            }
        }
        return Picture.of(side, side, 3, samples).enlarged(Math.max(1, Math.round((float) MOSAIC / side)));
    }

    private static void paint(byte[] samples, int pixel, int rgb) {
        samples[3 * pixel] = (byte) (rgb >> 16);
        samples[3 * pixel + 1] = (byte) (rgb >> 8);
        samples[3 * pixel + 2] = (byte) rgb;
    }
}
