package dev.mediator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mediator.image.StripChart.Row;
import dev.mediator.image.StripChart.Stretch;
import java.util.List;
import org.junit.jupiter.api.Test;

class StripChartTest {
    private static final int PALE = 0xc7e9b4;
    private static final int DARK = 0x081d58;
    private static final int SWATCH = 14 * 14;

    @Test
    void stretchesAreAsWideAsTheyAreLong() {
        Picture chart = chart(row("", new Stretch(0, 3), new Stretch(1, 9))).draw();

        assertThat(count(chart, PALE)).isEqualTo(180 * 16 + SWATCH);
        assertThat(count(chart, DARK)).isEqualTo(540 * 16 + SWATCH);
    }

    @Test
    void rowsHaveOneScaleAndMayDifferInLength() {
        Picture chart =
                chart(row("", new Stretch(0, 10)), row("", new Stretch(1, 5))).draw();

        assertThat(count(chart, PALE)).isEqualTo(720 * 16 + SWATCH);
        assertThat(count(chart, DARK)).isEqualTo(360 * 16 + SWATCH);
    }

    @Test
    void moreStepsThanPixelsStillFillTheRow() {
        Picture chart =
                chart(row("", new Stretch(0, 2500), new Stretch(1, 2500))).draw();

        assertThat(count(chart, PALE)).isEqualTo(360 * 16 + SWATCH);
        assertThat(count(chart, DARK)).isEqualTo(360 * 16 + SWATCH);
    }

    @Test
    void namesNotesAndTitleAreWrittenBesideTheStrips() {
        Picture bare = chart(row("", new Stretch(0, 1))).draw();
        Picture named = new StripChart(
                        "A title",
                        "and a caption",
                        "step",
                        List.of("few", "many"),
                        List.of(new Row("a very long name ".repeat(30), List.of(new Stretch(0, 1)), "71.3 %")))
                .draw();

        assertThat(named.width()).isGreaterThan(bare.width() + 150).isLessThan(1100);
        assertThat(named.height()).isGreaterThan(bare.height() + 30);
        assertThat(count(named, PALE)).isEqualTo(720 * 16 + SWATCH);
    }

    @Test
    void everyKindHasAColourOfItsOwnFromPaleToDark() {
        List<Integer> sums = new java.util.ArrayList<>();
        for (int kind = 0; kind < 6; kind++) {
            StripChart chart = new StripChart(
                    "",
                    "",
                    "",
                    List.of("1", "2", "3", "4", "5", "6"),
                    List.of(new Row("", List.of(new Stretch(kind, 1)), "")));
            Picture picture = chart.draw();
            int y = 20 + 14 + 14 + 8;
            sums.add(picture.sample(400, y, 0) + picture.sample(400, y, 1) + picture.sample(400, y, 2));
        }
        assertThat(sums).isSortedAccordingTo((a, b) -> b - a).doesNotHaveDuplicates();
    }

    @Test
    void theSameChartIsDrawnAlike() {
        assertThat(chart(row("x", new Stretch(0, 3))).draw())
                .isEqualTo(chart(row("x", new Stretch(0, 3))).draw());
    }

    @Test
    void whatCannotBeDrawnIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> chart(row("r", new Stretch(2, 1))))
                .withMessage("the row 'r' has a stretch of kind 2 and length 1, allowed are kinds of 0 to 1 and lengths"
                        + " of 1 or more");
        assertThatIllegalArgumentException().isThrownBy(() -> chart(row("r", new Stretch(0, 0))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> chart(row("r")))
                .withMessage("the chart '' has nothing to show");
    }

    private static StripChart chart(Row... rows) {
        return new StripChart("", "", "step", List.of("few", "many"), List.of(rows));
    }

    private static Row row(String label, Stretch... stretches) {
        return new Row(label, List.of(stretches), "");
    }

    private static long count(Picture picture, int colour) {
        long count = 0;
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                int rgb = picture.sample(x, y, 0) << 16 | picture.sample(x, y, 1) << 8 | picture.sample(x, y, 2);
                count += rgb == colour ? 1 : 0;
            }
        }
        return count;
    }
}
