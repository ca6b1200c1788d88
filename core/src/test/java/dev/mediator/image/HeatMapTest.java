package dev.mediator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeatMapTest {
    private static final int DARKEST = 0x440154;
    private static final int BRIGHTEST = 0xfde725;
    private static final ColourScale UNIT = new ColourScale(0, 1);

    @Test
    void coloursGrowBrighterWithTheNumber() {
        assertThat(UNIT.rgb(0)).isEqualTo(DARKEST);
        assertThat(UNIT.rgb(1)).isEqualTo(BRIGHTEST);
        assertThat(UNIT.rgb(-3)).isEqualTo(DARKEST);
        assertThat(UNIT.rgb(Double.POSITIVE_INFINITY)).isEqualTo(BRIGHTEST);
        double[] lightness = IntStream.rangeClosed(0, 100)
                .mapToDouble(i -> lightness(UNIT.rgb(i / 100.0)))
                .toArray();
        for (int i = 1; i < lightness.length; i++) {
            assertThat(lightness[i] - lightness[i - 1]).as("step " + i).isBetween(0.3, 1.6);
        }
    }

    @Test
    void aScaleFromZeroHasRoomForZerosOnly() {
        assertThat(ColourScale.fromZeroTo(0.25)).isEqualTo(new ColourScale(0, 0.25));
        assertThat(ColourScale.fromZeroTo(0)).isEqualTo(UNIT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ColourScale(1, 1))
                .withMessageContaining("from 1.0 to 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UNIT.rgb(Double.NaN))
                .withMessageContaining("NaN");
    }

    @Test
    void aPictureHasAPixelPerNumber() {
        Picture picture = UNIT.picture(3, 2, 0, 1, 0, 0, 0, 1);

        assertThat(List.of(picture.width(), picture.height(), picture.channels()))
                .containsExactly(3, 2, 3);
        assertThat(rgb(picture, 1, 0)).isEqualTo(BRIGHTEST);
        assertThat(rgb(picture, 2, 1)).isEqualTo(BRIGHTEST);
        assertThat(rgb(picture, 0, 1)).isEqualTo(DARKEST);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UNIT.picture(2, 2, 1, 2, 3))
                .withMessageContaining("3 values are no picture of 2×2 pixels");
    }

    /** The left half of the upper row and the right half of the lower one are bright, each cell as large as the others. */
    @Test
    void cellsStandWhereTheirNumbersStand() {
        Picture map = map(List.of("a", "b"), List.of("x", "y"), List.of(List.of(1.0, 0.0), List.of(0.0, 1.0)))
                .draw();
        int[] bright = pixels(map, BRIGHTEST);
        int[] dark = pixels(map, DARKEST);

        int cell = 60 * 380; // MAX_CELL high, about 800 / 2 wide
        assertThat(bright.length).isBetween(2 * cell, 2 * cell + cell / 2);
        assertThat(Math.abs(bright.length - dark.length)).isLessThan(1000);
        int firstRow = bright[0] / map.width();
        int firstColumn = bright[0] % map.width();
        assertThat(rgb(map, firstColumn + 10, firstRow + 10)).isEqualTo(BRIGHTEST);
        assertThat(rgb(map, firstColumn + 10, firstRow + 70)).isEqualTo(DARKEST);
        assertThat(rgb(map, firstColumn + 500, firstRow + 10)).isEqualTo(DARKEST);
        assertThat(rgb(map, firstColumn + 500, firstRow + 70)).isEqualTo(BRIGHTEST);
    }

    /** The bar holds every colour of the scale, though the cells have one only. */
    @Test
    void theBarShowsTheWholeScale() {
        List<List<Double>> values = Collections.nCopies(6, Collections.nCopies(3, 0.5));
        Picture map = map(names(3), names(6), values).draw();

        assertThat(pixels(map, UNIT.rgb(0.5)).length).isGreaterThan(100_000);
        for (double value : new double[] {0.05, 0.3, 0.7, 0.95}) {
            int wanted = UNIT.rgb(value);
            assertThat(IntStream.range(0, map.width() * map.height()).anyMatch(i -> isNear(map, i, wanted)))
                    .as("colour of " + value)
                    .isTrue();
        }
    }

    /** 250 columns and 40 rows have names where there is room: no error, and as tall as 40 small cells. */
    @Test
    void largeTablesAreDrawnToo() {
        Picture map = map(names(250), names(40), Collections.nCopies(40, Collections.nCopies(250, 0.2)))
                .draw();

        assertThat(map.width()).isEqualTo(960);
        assertThat(map.height()).isBetween(480, 640);
    }

    @Test
    void tablesThatCannotBeDrawnAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map(List.of(), List.of("a"), List.of(List.of())))
                .withMessageContaining("no cells");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map(List.of("a"), List.of("x", "y"), List.of(List.of(1.0))))
                .withMessageContaining("names for 2 rows of 1 numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map(List.of("a"), List.of("x"), List.of(List.of(Double.NaN))))
                .withMessageContaining("not finite");
    }

    private static HeatMap map(List<String> columns, List<String> rows, List<List<Double>> values) {
        return new HeatMap("Title", "time", "layer", "score", columns, rows, values, UNIT);
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "name " + i).toList();
    }

    private static int[] pixels(Picture picture, int rgb) {
        return IntStream.range(0, picture.width() * picture.height())
                .filter(i -> rgb(picture, i % picture.width(), i / picture.width()) == rgb)
                .toArray();
    }

    private static boolean isNear(Picture picture, int pixel, int rgb) {
        int found = rgb(picture, pixel % picture.width(), pixel / picture.width());
        return IntStream.of(0, 8, 16).allMatch(shift -> Math.abs((found >> shift & 255) - (rgb >> shift & 255)) <= 2);
    }

    private static int rgb(Picture picture, int x, int y) {
        return picture.sample(x, y, 0) << 16 | picture.sample(x, y, 1) << 8 | picture.sample(x, y, 2);
    }

    /** CIE L* of an sRGB colour, 0 to 100. */
    private static double lightness(int rgb) {
        double y = 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
        return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
    }

    private static double linear(int sample) {
        double s = (sample & 255) / 255.0;
        return s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4);
    }
}
