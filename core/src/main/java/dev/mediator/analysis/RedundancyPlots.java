package dev.mediator.analysis;

import dev.mediator.analysis.RedundancyProfile.Point;
import dev.mediator.image.ColourScale;
import dev.mediator.image.HeatMap;
import dev.mediator.image.LinePlot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A redundancy profile to look at.
 *
 * @param profile what was measured
 * @param subject what it was measured on, for the headline
 */
public record RedundancyPlots(RedundancyProfile profile, String subject) {
    private static final int MAX_LAYERS = 6; // LinePlot has one colour more, for their mean

    /** The score over time: a curve per layer, of many layers some from first to last, and the mean of all layers. */
    public LinePlot lines() {
        List<List<Point>> layers = profile.byLayer();
        int count = Math.min(MAX_LAYERS, layers.size());
        List<LinePlot.Curve> curves = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int layer = count == 1 ? 0 : Math.round(i * (layers.size() - 1f) / (count - 1));
            List<Point> points = layers.get(layer);
            curves.add(curve(
                    "layer " + layer,
                    points,
                    points.stream().map(Point::normalised).toList()));
        }
        curves.add(curve("mean of all layers", layers.get(0), profile.meanOverLayers()));
        return LinePlot.of(title(), "t (0 noise, 1 data)", "mean JSD of two rows / ln 2", curves);
    }

    /** The score of every layer at every time, as colours. */
    public HeatMap heatMap() {
        List<List<Point>> layers = profile.byLayer();
        List<List<Double>> values = layers.stream()
                .map(layer -> layer.stream().map(Point::normalised).toList())
                .toList();
        double largest =
                profile.points().stream().mapToDouble(Point::normalised).max().orElseThrow();
        return new HeatMap(
                title(),
                "t at the start of the step (0 noise, 1 data)",
                "layer",
                "mean JSD / ln 2",
                layers.get(0).stream()
                        .map(p -> String.format(Locale.ROOT, "%.2f", p.t()))
                        .toList(),
                layers.stream()
                        .map(layer -> Integer.toString(layer.get(0).layer()))
                        .toList(),
                values,
                ColourScale.fromZeroTo(largest));
    }

    private String title() {
        return "Redundancy of attention (low: redundant), " + subject;
    }

    private static LinePlot.Curve curve(String name, List<Point> points, List<Double> values) {
        return new LinePlot.Curve(name, points.stream().map(Point::t).toList(), values);
    }
}
