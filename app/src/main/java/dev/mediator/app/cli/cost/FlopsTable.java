package dev.mediator.app.cli.cost;

import dev.mediator.model.FlopCount.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Costs side by side: a column per mediator count, a line per part of the network. */
final class FlopsTable {
    private final List<FlopsAnswer.Row> columns;
    private final int decimals;

    FlopsTable(List<FlopsAnswer.Row> columns) {
        this.columns = columns;
        double largest =
                columns.stream().mapToDouble(FlopsAnswer.Row::gflops).max().orElse(0);
        this.decimals = largest >= 100 ? 2 : largest >= 1 ? 4 : 6;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(line("mediators", column -> column.mediators().toString(), column -> ""));
        lines.add(line("GFLOPs", column -> number(column.gflops()), column -> ""));
        lines.add(line("of full attention", column -> "", column -> percent(column.shareOfFull())));
        lines.add(line(
                "parameters", column -> String.format(Locale.ROOT, "%.2f M", column.parameters() / 1e6), column -> ""));
        lines.add("");
        for (Part part : Part.values()) {
            if (columns.stream().anyMatch(column -> gflops(column, part) > 0)) {
                lines.add(line(
                        part.label(),
                        column -> gflops(column, part) > 0 ? number(gflops(column, part)) : "",
                        column -> gflops(column, part) > 0 ? percent(gflops(column, part) / column.gflops()) : ""));
            }
        }
        return lines;
    }

    private String line(
            String title, Function<FlopsAnswer.Row, String> number, Function<FlopsAnswer.Row, String> share) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-18s", title));
        for (FlopsAnswer.Row column : columns) {
            line.append(String.format(Locale.ROOT, "%11s%9s", number.apply(column), share.apply(column)));
        }
        return line.toString().stripTrailing();
    }

    private static double gflops(FlopsAnswer.Row column, Part part) {
        return column.breakdown().getOrDefault(part, 0.0);
    }

    private String number(double gflops) {
        return String.format(Locale.ROOT, "%." + decimals + "f", gflops);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
