package dev.mediator.experiment;

import dev.mediator.tuning.Average;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A report as Markdown. */
record ResultsTable(ExperimentReport report) {
    /** All of {@code results.md}. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("# " + report.title());
        lines.add("");
        lines.addAll(tables());
        lines.add("");
        lines.add("![" + report.distance() + " against cost](fd.png)");
        lines.add("");
        lines.add("![Samples, the same noise in each column](samples.png)");
        return lines;
    }

    /** Settings, trainings and scores. */
    List<String> tables() {
        List<String> lines = new ArrayList<>();
        Scoring scoring = report.scoring();
        ScoredSamples.Origin origin = report.scores().get(0).origin();
        lines.add(String.format(
                Locale.ROOT,
                "%s samples for each of the seeds %s, %s, %s, %s; reference: the %s; extractor: %s.",
                scoring.samples(),
                scoring.seeds().stream().map(String::valueOf).collect(Collectors.joining(", ")),
                scoring.sampler().summary(),
                scoring.guidance().summary(),
                origin.dtype(),
                origin.reference(),
                origin.extractor().label()));
        lines.add("");
        lines.addAll(trainings());
        lines.add("");
        lines.addAll(rows());
        return lines;
    }

    private List<String> trainings() {
        List<String> lines = new ArrayList<>();
        lines.add("| trained | mediators | images seen | loss at the end | minutes |");
        lines.add("|---|---|---|---|---|");
        for (ExperimentTraining.Summary training : report.trainings()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "| %s | %s | %d | %.4f | %.1f |",
                    training.run(),
                    training.mediators().stream().map(String::valueOf).collect(Collectors.joining(", ")),
                    training.images(),
                    training.loss(),
                    training.minutes()));
        }
        return lines;
    }

    private List<String> rows() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| | network | schedule | GFLOPs per image | " + report.distance()
                        + " | to static line | inception score | precision | recall | kernel distance × 1000 | class agreement |");
        lines.add("|---|---|---|---|---|---|---|---|---|---|---|");
        for (ExperimentRow row : report.rows()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "| %d | %s | `%s` | %.3f | %s | %s | %s | %s | %s | %s | %s |",
                    row.number(),
                    row.run(),
                    row.schedule(),
                    row.gflops().mean(),
                    cell("%.3f", "", row.fd(), 1),
                    cell("%+.3f", "", row.beyondLine(), 1),
                    cell("%.2f", "", row.is(), 1),
                    cell("%.3f", "", row.precision(), 1),
                    cell("%.3f", "", row.recall(), 1),
                    cell("%.2f", "", row.kid(), 1000),
                    cell("%.1f", " %", row.classAgreement(), 100)));
        }
        return lines;
    }

    /** Mean over the seeds and, if there are several, their standard deviation. */
    private String cell(String format, String unit, @Nullable Average value, double factor) {
        if (value == null) {
            return "";
        }
        String mean = String.format(Locale.ROOT, format, factor * value.mean());
        if (report.scoring().seeds().size() == 1) {
            return mean + unit;
        }
        return mean + String.format(Locale.ROOT, " ± " + format.replace("+", ""), factor * value.deviation()) + unit;
    }
}
