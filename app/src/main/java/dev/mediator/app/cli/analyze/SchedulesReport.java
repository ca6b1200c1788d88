package dev.mediator.app.cli.analyze;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.app.cli.report.ComparisonSubject;
import dev.mediator.image.LinePlot;
import dev.mediator.tuning.Average;
import dev.mediator.tuning.ScheduleTable;
import dev.mediator.tuning.ScheduleTable.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The files {@code schedules.json}, {@code schedules.md} and {@code schedules.png}.
 *
 * @param subject what was compared on
 * @param table what was measured
 */
record SchedulesReport(
        @JsonUnwrapped ComparisonSubject subject,
        @JsonUnwrapped ScheduleTable table) {
    /** What {@code --json} prints: the report, and the files' paths. */
    record Answer(@JsonUnwrapped SchedulesReport report, List<String> files) {}

    Answer answer(AnalysisFolder folder) {
        return new Answer(this, folder.files());
    }

    void write(AnalysisFolder folder) throws IOException {
        folder.writeJson("schedules.json", this);
        folder.write("schedules.md", String.join("\n", lines()) + "\n");
        folder.write("schedules.png", plot().draw());
    }

    /** The table in Markdown. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s, %s, %s, %d images",
                subject.model(),
                subject.summary(),
                subject.settings().guidance().summary(),
                subject.images().size()));
        lines.add("");
        List<String> errors =
                table.references().stream().map(name -> "error to " + name).toList();
        lines.add("| | schedule | GFLOPs per image | share | switches after step | " + String.join(" | ", errors)
                + " | static line |");
        lines.add("|---|---|---|---|---|" + "---|".repeat(errors.size()) + "---|");
        for (int i = 0; i < table.rows().size(); i++) {
            lines.add(line(i + 1, table.rows().get(i)));
        }
        return lines;
    }

    private String line(int number, Row row) {
        String switches = row.switchSteps().stream()
                .map(s -> String.format(Locale.ROOT, "%.1f ± %.1f", s.mean(), s.deviation()))
                .collect(Collectors.joining(", "));
        String errors = table.references().stream()
                .map(reference -> {
                    Average error = Objects.requireNonNull(row.errors().get(reference));
                    return String.format(Locale.ROOT, "%.4f ± %.4f", error.mean(), error.standardError());
                })
                .collect(Collectors.joining(" | "));
        return String.format(
                Locale.ROOT,
                "| %d | `%s` | %.2f | %.4f | %s | %s | %s |",
                number,
                row.schedule(),
                row.gflops(),
                row.share(),
                switches,
                errors,
                row.isStatic() ? "" : String.format(Locale.ROOT, "%.4f", row.staticLine()));
    }

    /** Error to the costliest run against cost; numbers are those of the table's rows. */
    LinePlot plot() {
        String reference = table.references().get(table.references().size() - 1);
        Map<String, List<Integer>> kinds = new LinkedHashMap<>();
        for (int i = 0; i < table.rows().size(); i++) {
            kinds.computeIfAbsent(kind(table.rows().get(i)), kind -> new ArrayList<>())
                    .add(i);
        }
        List<LinePlot.Curve> curves = new ArrayList<>();
        kinds.forEach((kind, rows) -> curves.add(new LinePlot.Curve(
                kind,
                rows.stream().map(i -> table.rows().get(i).gflops()).toList(),
                rows.stream()
                        .map(i -> Objects.requireNonNull(
                                        table.rows().get(i).errors().get(reference))
                                .mean())
                        .toList(),
                kind.equals("static"),
                rows.stream().map(i -> Integer.toString(i + 1)).toList())));
        return LinePlot.of(subject.headline(), "GFLOPs per image", "relative error of latents to " + reference, curves);
    }

    private static String kind(Row row) {
        return row.schedule().endsWith(".json")
                ? "tuned"
                : row.schedule().substring(0, row.schedule().indexOf(':'));
    }
}
