package dev.mediator.app.cli.sample;

import dev.mediator.image.Picture;
import dev.mediator.image.StripChart;
import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.StageTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Which stage made which step of each picture on the contact sheet: a row per picture, in the order of the sheet. */
final class SampleStagesChart {
    private static final int MAX_ROWS = 200;

    private final SampleRecord record;

    /** A chart of a record with the traces of its pictures. */
    SampleStagesChart(SampleRecord record) {
        this.record = record;
    }

    /**
     * Draws the chart.
     *
     * @param onSheet the pictures of the contact sheet, row by row
     */
    Picture draw(List<SampleRecord.Image> onSheet) {
        List<SampleRecord.Image> shown = onSheet.subList(0, Math.min(MAX_ROWS, onSheet.size()));
        List<MediatorCount> counts = shown.stream()
                .flatMap(image -> trace(image).stages().stream())
                .map(StageTrace.Span::mediators)
                .distinct()
                .sorted()
                .toList();
        List<StripChart.Row> rows = new ArrayList<>();
        for (SampleRecord.Image image : shown) {
            SampleTrace trace = trace(image);
            rows.add(new StripChart.Row(
                    image.className() + ", seed " + image.seed(),
                    trace.stages().stream()
                            .map(span -> new StripChart.Stretch(counts.indexOf(span.mediators()), span.steps()))
                            .toList(),
                    String.format(Locale.ROOT, "%.1f %%", 100 * trace.gflops() / trace.gflopsFull())));
        }
        String caption = record.summary() + "; at the right: GFLOPs as a share of those at the largest setting"
                + (shown.size() < record.images().size()
                        ? "; " + shown.size() + " of " + record.images().size() + " pictures"
                        : "");
        List<String> kinds = counts.stream()
                .map(count -> count.isFull() ? "full attention" : count + " mediators")
                .toList();
        return new StripChart("Stages of " + record.schedule(), caption, "step", kinds, rows).draw();
    }

    private static SampleTrace trace(SampleRecord.Image image) {
        return Objects.requireNonNull(image.trace());
    }
}
