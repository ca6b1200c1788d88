package dev.mediator.image;

import java.awt.BasicStroke;
import java.awt.Color;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Named curves over one axis, such as losses over training steps.
 *
 * @param title the headline; may be empty
 * @param xName what the horizontal axis shows, with its unit
 * @param yName what the vertical axis shows, with its unit
 * @param xAxis how x is spaced
 * @param yAxis how y is spaced
 * @param curves at least one
 */
public record LinePlot(String title, String xName, String yName, Axis xAxis, Axis yAxis, List<Curve> curves) {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 540;
    private static final int FEW_POINTS = 40;
    private static final double LABEL_RISE = 0.035; // of the range of values
    private static final String UNEVEN_POINT = " "; // no curve is named so
    private static final Color INK = new Color(0x20, 0x24, 0x2b);
    private static final Color GRID = new Color(0xe3, 0xe6, 0xea);
    private static final BasicStroke LINE = new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);

    /** Paul Tol's bright palette: told apart by colour-blind readers too. */
    private static final Color[] COLOURS = {
        new Color(0x44, 0x77, 0xaa),
        new Color(0xee, 0x66, 0x77),
        new Color(0x22, 0x88, 0x33),
        new Color(0xcc, 0xbb, 0x44),
        new Color(0x66, 0xcc, 0xee),
        new Color(0xaa, 0x33, 0x77),
        new Color(0x77, 0x77, 0x77)
    };

    /** How the values of an axis are spaced. */
    public enum Axis {
        /** Equal differences are equally long. */
        LINEAR {
            @Override
            double position(double value) {
                return value;
            }
        },
        /** Equal ratios are equally long; all values must be positive. */
        LOGARITHMIC {
            @Override
            double position(double value) {
                if (value <= 0) {
                    throw new IllegalArgumentException(
                            "a value is " + value + ", allowed on a logarithmic axis are positive values");
                }
                return Math.log10(value);
            }
        };

        /** Where on a linear scale the value lies. */
        abstract double position(double value);

        private List<Double> positions(List<Double> values) {
            return values.stream().map(this::position).toList();
        }
    }

    /**
     * A named curve.
     *
     * @param name its name in the legend
     * @param x positions
     * @param y values, as many; NaN leaves a gap
     * @param joined whether a line leads from point to point
     * @param labels a text beside each point; empty for none
     * @param errors how far an error bar reaches above and below each point, 0 or more; empty for none. Not on logarithmic axes
     */
    public record Curve(
            String name, List<Double> x, List<Double> y, boolean joined, List<String> labels, List<Double> errors) {
        /** A curve without error bars. */
        public Curve(String name, List<Double> x, List<Double> y, boolean joined, List<String> labels) {
            this(name, x, y, joined, labels, List.of());
        }

        /** A line without labels. */
        public Curve(String name, List<Double> x, List<Double> y) {
            this(name, x, y, true, List.of());
        }

        /** A curve of arrays, which are copied. */
        public static Curve of(String name, double[] x, double[] y) {
            return new Curve(
                    name,
                    Arrays.stream(x).boxed().toList(),
                    Arrays.stream(y).boxed().toList());
        }

        public Curve {
            x = List.copyOf(x);
            y = List.copyOf(y);
            labels = List.copyOf(labels);
            errors = List.copyOf(errors);
            if (name.isBlank()) {
                throw new IllegalArgumentException("a curve has no name");
            }
            if (x.isEmpty() || x.size() != y.size()) {
                throw new IllegalArgumentException("the curve '" + name + "' has " + x.size() + " positions and "
                        + y.size() + " values, both must be the same number, 1 or more");
            }
            if (!labels.isEmpty() && labels.size() != x.size()) {
                throw new IllegalArgumentException("the curve '" + name + "' has " + labels.size() + " labels for "
                        + x.size() + " points, allowed is one for each or none");
            }
            if (!errors.isEmpty()
                    && (errors.size() != x.size()
                            || errors.stream().anyMatch(e -> !(e >= 0 && e < Double.POSITIVE_INFINITY)))) {
                throw new IllegalArgumentException("the curve '" + name + "' has the errors " + errors + " for "
                        + x.size() + " points, allowed is a number of 0 or more for each or none");
            }
            if (x.stream().anyMatch(v -> !Double.isFinite(v)) || y.stream().anyMatch(v -> Double.isInfinite(v))) {
                throw new IllegalArgumentException("the curve '" + name + "' has a value that is not finite");
            }
            if (y.stream().allMatch(v -> Double.isNaN(v))) {
                throw new IllegalArgumentException("the curve '" + name + "' has no value");
            }
        }
    }

    public LinePlot {
        curves = List.copyOf(curves);
        if (curves.isEmpty()) {
            throw new IllegalArgumentException("the plot '" + title + "' has no curves");
        }
        if (curves.stream().map(Curve::name).distinct().count() < curves.size()) {
            throw new IllegalArgumentException("the plot '" + title + "' has several curves of one name");
        }
        for (Curve curve : curves) {
            xAxis.positions(curve.x());
            yAxis.positions(curve.y());
            if (yAxis == Axis.LOGARITHMIC && !curve.errors().isEmpty()) {
                throw new IllegalArgumentException(
                        "the curve '" + curve.name() + "' has error bars, allowed are those on linear axes only");
            }
        }
    }

    /** A plot of linear axes. */
    public static LinePlot of(String title, String xName, String yName, List<Curve> curves) {
        return new LinePlot(title, xName, yName, Axis.LINEAR, Axis.LINEAR, curves);
    }

    /** The same curves with a logarithmic y axis. */
    public LinePlot withLogarithmicY() {
        return new LinePlot(title, xName, yName, xAxis, Axis.LOGARITHMIC, curves);
    }

    /** Draws the plot, 960×540 pixels in colour. */
    public Picture draw() {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(xName)
                .yAxisTitle(yName)
                .build();
        style(chart.getStyler());
        for (int i = 0; i < curves.size(); i++) {
            Curve curve = curves.get(i);
            XYSeries series = chart.addSeries(
                    curve.name(),
                    xAxis.positions(curve.x()),
                    yAxis.positions(curve.y()),
                    curve.errors().isEmpty() ? null : curve.errors());
            series.setMarker(
                    !curve.joined() || curve.x().size() <= FEW_POINTS ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
            if (!curve.joined()) {
                series.setLineStyle(SeriesLines.NONE);
            }
            addLabels(chart, curve, i == curves.size() - 1 ? -LABEL_RISE : LABEL_RISE);
        }
        addUnevenPoint(chart, curves.get(0));
        return AwtPictures.fromAwt(BitmapEncoder.getBufferedImage(chart));
    }

    /** Texts a little above their points; below those of the last curve, so that two that nearly meet can be read. */
    private void addLabels(XYChart chart, Curve curve, double rise) {
        for (int i = 0; i < curve.labels().size(); i++) {
            double y = yAxis.position(curve.y().get(i));
            if (!Double.isNaN(y)) {
                AnnotationText text = new AnnotationText(
                        curve.labels().get(i), xAxis.position(curve.x().get(i)), y + rise * range(), false);
                chart.addAnnotation(text);
            }
        }
    }

    /** How much the values of all curves differ. */
    private double range() {
        DoubleSummaryStatistics values = curves.stream()
                .flatMap(curve -> yAxis.positions(curve.y()).stream())
                .filter(v -> !Double.isNaN(v))
                .mapToDouble(v -> v)
                .summaryStatistics();
        return values.getMax() - values.getMin();
    }

    /** Where all positions are evenly spaced, XChart labels multiples of their distance, such as 2,800; not so with this. */
    private void addUnevenPoint(XYChart chart, Curve curve) {
        int last = curve.x().size() - 1;
        if (last < FEW_POINTS) {
            return;
        }
        double from = xAxis.position(curve.x().get(0));
        double to = xAxis.position(curve.x().get(last));
        double y = curve.y().stream().filter(v -> !Double.isNaN(v)).findFirst().orElseThrow();
        XYSeries point =
                chart.addSeries(UNEVEN_POINT, List.of(from + (to - from) / Math.PI), List.of(yAxis.position(y)));
        point.setMarker(SeriesMarkers.NONE).setLineStyle(SeriesLines.NONE);
        point.setShowInLegend(false);
    }

    private void style(XYStyler style) {
        style.setSeriesColors(COLOURS)
                .setSeriesLines(Collections.nCopies(COLOURS.length, LINE).toArray(new BasicStroke[0]))
                .setChartBackgroundColor(Color.WHITE)
                .setChartFontColor(INK)
                .setChartTitleFont(Lettering.bold(18).font())
                .setChartTitleBoxVisible(false)
                .setChartPadding(16)
                .setLegendPosition(Styler.LegendPosition.OutsideS)
                .setLegendLayout(Styler.LegendLayout.Horizontal)
                .setLegendFont(Lettering.plain(13).font())
                .setLegendBorderColor(Color.WHITE)
                .setLegendVisible(curves.size() > 1);
        style.setAxisTickLabelsFont(Lettering.plain(12).font())
                .setAxisTitleFont(Lettering.plain(13).font())
                .setAxisTickLabelsColor(INK)
                .setXAxisTickMarkSpacingHint(110)
                .setYAxisTickMarkSpacingHint(55)
                .setPlotGridLinesColor(GRID)
                .setPlotGridLinesStroke(new BasicStroke(1))
                .setPlotBorderVisible(false)
                .setMarkerSize(7);
        style.setErrorBarsColorSeriesColor(true);
        style.setAnnotationTextFont(Lettering.plain(12).font()).setAnnotationTextFontColor(INK);
        style.setLocale(Locale.ROOT);
        if (xAxis == Axis.LOGARITHMIC) {
            style.setxAxisTickLabelsFormattingFunction(LinePlot::powerOfTen);
        }
        if (yAxis == Axis.LOGARITHMIC) {
            style.setyAxisTickLabelsFormattingFunction(LinePlot::powerOfTen);
        }
    }

    /** The value at a position of a logarithmic axis, to three digits. */
    private static String powerOfTen(double position) {
        BigDecimal value =
                new BigDecimal(Math.pow(10, position)).round(new MathContext(3)).stripTrailingZeros();
        String plain = value.toPlainString();
        return plain.length() <= 7 ? plain : value.toString();
    }
}
