package dev.mediator.tuning;

import dev.mediator.generation.Generation;
import dev.mediator.stepwise.StageTrace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Schedules that were run on the same noise, compared.
 *
 * @param references the runs that errors are measured to: the largest number of mediators, and the costliest static run
 * @param rows one per schedule
 */
public record ScheduleTable(List<String> references, List<Row> rows) {
    /** Copies the lists. */
    public ScheduleTable {
        references = List.copyOf(references);
        rows = List.copyOf(rows);
    }

    /**
     * A schedule.
     *
     * @param schedule as it was asked for
     * @param isStatic whether one count served all steps
     * @param gflops multiply-adds per image in 10⁹, counted
     * @param share of those at the costliest count
     * @param switchSteps for each stage but the first, after which step (from 0) it took over, over the images where it did
     * @param errors relative error of the final latents to each reference
     * @param staticLine the error to the costliest run that lies on the straight line between the two static schedules that
     *     cost less and more
     */
    public record Row(
            String schedule,
            boolean isStatic,
            double gflops,
            double share,
            List<Average> switchSteps,
            Map<String, Average> errors,
            double staticLine) {}

    /**
     * Compares.
     *
     * @param runs by schedule
     * @param statics the static ones among them, from the cheapest to the costliest
     * @param mediators the one of the largest number of mediators
     */
    public static ScheduleTable of(Map<String, Generation> runs, List<String> statics, String mediators) {
        String costliest = statics.get(statics.size() - 1);
        List<String> references = mediators.equals(costliest) ? List.of(costliest) : List.of(mediators, costliest);
        List<Row> rows = new ArrayList<>();
        runs.forEach((schedule, run) -> {
            Map<String, Average> errors = new LinkedHashMap<>();
            references.forEach(reference -> errors.put(
                    reference, Average.of(Fidelity.LATENT.errors(run, Objects.requireNonNull(runs.get(reference))))));
            double full = run.traces().stream()
                    .mapToDouble(StageTrace::gflopsFull)
                    .average()
                    .orElseThrow();
            rows.add(new Row(
                    schedule,
                    statics.contains(schedule),
                    run.gflopsPerImage(),
                    run.gflopsPerImage() / full,
                    switchSteps(run.traces()),
                    errors,
                    Double.NaN));
        });
        List<Row> line = rows.stream().filter(Row::isStatic).toList();
        return new ScheduleTable(
                references,
                rows.stream().map(row -> onLine(row, line, costliest)).toList());
    }

    private static List<Average> switchSteps(List<StageTrace> traces) {
        int most = traces.stream().mapToInt(t -> t.switchSteps().size()).max().orElse(0);
        return IntStream.range(0, most)
                .mapToObj(k -> Average.of(traces.stream()
                        .filter(t -> t.switchSteps().size() > k)
                        .mapToDouble(t -> t.switchSteps().get(k))
                        .toArray()))
                .toList();
    }

    private static Row onLine(Row row, List<Row> line, String costliest) {
        double error = errorOn(line, row.gflops(), costliest);
        return new Row(
                row.schedule(), row.isStatic(), row.gflops(), row.share(), row.switchSteps(), row.errors(), error);
    }

    private static double errorOn(List<Row> line, double gflops, String costliest) {
        for (int i = 0; i < line.size(); i++) {
            Row next = line.get(i);
            double here = Objects.requireNonNull(next.errors().get(costliest)).mean();
            boolean isLast = i == line.size() - 1;
            if (gflops > next.gflops() && !isLast) {
                continue;
            }
            if (i == 0 || gflops >= next.gflops()) {
                return here;
            }
            Row before = line.get(i - 1);
            double there =
                    Objects.requireNonNull(before.errors().get(costliest)).mean();
            double way = (gflops - before.gflops()) / (next.gflops() - before.gflops());
            return there + way * (here - there);
        }
        throw new IllegalArgumentException("no static schedule is among those compared");
    }
}
