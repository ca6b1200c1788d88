package dev.mediator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinePlotTest {
    private static final int BLUE = 0x4477aa;
    private static final int ROSE = 0xee6677;

    @Test
    void everyCurveIsDrawnInItsColour() {
        Picture one = plot(falling("a", 1)).draw();
        Picture two = plot(falling("a", 1), falling("b", 2)).draw();
        assertThat(one.width()).isEqualTo(960);
        assertThat(one.height()).isEqualTo(540);
        assertThat(count(one, BLUE)).isGreaterThan(500);
        assertThat(count(one, ROSE)).isZero();
        assertThat(count(two, BLUE)).isGreaterThan(500);
        assertThat(count(two, ROSE)).isGreaterThan(500);
    }

    @Test
    void anExponentialIsStraightOnALogarithmicAxis() {
        double[] x = IntStream.range(0, 200).asDoubleStream().toArray();
        double[] y =
                IntStream.range(0, 200).mapToDouble(i -> Math.exp(-i / 20.0)).toArray();
        Picture straight = plot(LinePlot.Curve.of("a", x, y)).withLogarithmicY().draw();
        Picture bent = plot(LinePlot.Curve.of("a", x, y)).draw();
        assertThat(largestBend(straight)).isLessThan(4);
        assertThat(largestBend(bent)).isGreaterThan(100);
    }

    @Test
    void thePlotIsDrawnAlikeEachTime() {
        assertThat(plot(falling("a", 1)).draw()).isEqualTo(plot(falling("a", 1)).draw());
    }

    @Test
    void singlePointsConstantsAndGapsAreDrawn() {
        LinePlot.Curve point = new LinePlot.Curve("a", List.of(1.0), List.of(3.0));
        LinePlot.Curve gap = new LinePlot.Curve("a", List.of(1.0, 2.0, 3.0), List.of(3.0, Double.NaN, 3.0));
        assertThat(count(plot(point).draw(), BLUE)).isPositive();
        assertThat(count(plot(gap).withLogarithmicY().draw(), BLUE)).isPositive();
    }

    @Test
    void pointsMayStandAloneAndHaveLabels() {
        LinePlot.Curve line = new LinePlot.Curve("a", List.of(1.0, 2.0, 3.0), List.of(1.0, 3.0, 1.0));
        LinePlot.Curve points = new LinePlot.Curve("a", line.x(), line.y(), false, List.of());
        LinePlot.Curve labelled = new LinePlot.Curve("a", line.x(), line.y(), false, List.of("17", "28", "39"));

        assertThat(count(plot(points).draw(), BLUE))
                .isPositive()
                .isLessThan(count(plot(line).draw(), BLUE) / 3);
        assertThat(plot(labelled).draw()).isNotEqualTo(plot(points).draw());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LinePlot.Curve("a", line.x(), line.y(), false, List.of("17")))
                .withMessageContaining("1 labels for 3 points");
    }

    @Test
    void errorBarsReachAboveAndBelowTheirPoints() {
        List<Double> x = List.of(1.0, 2.0, 3.0);
        LinePlot.Curve ends = new LinePlot.Curve("b", List.of(1.0, 3.0), List.of(0.0, 4.0)); // the same axes for both
        LinePlot.Curve bare = new LinePlot.Curve("a", x, List.of(2.0, 2.0, 2.0), false, List.of());
        LinePlot.Curve bars = new LinePlot.Curve("a", x, bare.y(), false, List.of(), List.of(0.0, 0.5, 1.0));

        long without = count(plot(bare, ends).draw(), BLUE);
        assertThat(count(plot(bars, ends).draw(), BLUE)).isGreaterThan(without + 150);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LinePlot.Curve("a", x, bare.y(), false, List.of(), List.of(0.1, -1.0, 0.0)))
                .withMessageContaining("0 or more for each");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plot(bars).withLogarithmicY())
                .withMessageContaining("linear axes only");
    }

    @Test
    void plotsThatCannotBeDrawnAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(LinePlotTest::plot).withMessageContaining("no curves");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plot(falling("a", 1), falling("a", 2)))
                .withMessageContaining("one name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinePlot.Curve.of("a", new double[2], new double[3]))
                .withMessageContaining("2 positions and 3 values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinePlot.Curve.of("a", new double[1], new double[] {Double.POSITIVE_INFINITY}))
                .withMessageContaining("'a' has a value that is not finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinePlot.Curve.of("a", new double[1], new double[] {Double.NaN}))
                .withMessageContaining("no value");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinePlot.Curve.of(" ", new double[1], new double[1]))
                .withMessageContaining("no name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plot(LinePlot.Curve.of("a", new double[1], new double[1]))
                        .withLogarithmicY())
                .withMessageContaining("0.0, allowed on a logarithmic axis are positive");
    }

    private static LinePlot plot(LinePlot.Curve... curves) {
        return LinePlot.of("Title", "step", "loss", List.of(curves));
    }

    private static LinePlot.Curve falling(String name, double scale) {
        double[] x = IntStream.range(0, 300).mapToDouble(i -> 100.0 * i).toArray();
        double[] y = IntStream.range(0, 300).mapToDouble(i -> scale / (1 + i)).toArray();
        return LinePlot.Curve.of(name, x, y);
    }

    /** Largest distance in pixels of the curve from the line between its ends. */
    private static double largestBend(Picture picture) {
        double[] heights = IntStream.range(0, picture.width())
                .mapToDouble(x -> IntStream.range(0, picture.height())
                        .filter(y -> rgb(picture, x, y) == BLUE)
                        .average()
                        .orElse(Double.NaN))
                .toArray();
        int[] columns = IntStream.range(0, heights.length)
                .filter(x -> !Double.isNaN(heights[x]))
                .toArray();
        int first = columns[0];
        int last = columns[columns.length - 1];
        double slope = (heights[last] - heights[first]) / (last - first);
        return IntStream.of(columns)
                .mapToDouble(x -> Math.abs(heights[x] - heights[first] - slope * (x - first)))
                .max()
                .orElseThrow();
    }

    private static long count(Picture picture, int rgb) {
        return IntStream.range(0, picture.width() * picture.height())
                .filter(i -> rgb(picture, i % picture.width(), i / picture.width()) == rgb)
                .count();
    }

    private static int rgb(Picture picture, int x, int y) {
        return picture.sample(x, y, 0) << 16 | picture.sample(x, y, 1) << 8 | picture.sample(x, y, 2);
    }
}
