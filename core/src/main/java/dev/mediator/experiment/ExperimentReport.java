package dev.mediator.experiment;

import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.experiment.ExperimentConfig.Run;
import dev.mediator.experiment.ExperimentRow.Kind;
import dev.mediator.file.JsonFile;
import dev.mediator.file.WholeFile;
import dev.mediator.image.LinePlot;
import dev.mediator.image.PngFile;
import dev.mediator.stepwise.FixedSchedule;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import dev.mediator.stepwise.ThresholdSchedule;
import dev.mediator.tuning.Average;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What came out: {@code results.md}, {@code results.json} and {@code fd.png}.
 *
 * @param title the headline
 * @param scoring how samples were made and scored
 * @param distance what the Fréchet distance is called with this extractor
 * @param trainings what was trained, in order
 * @param rows what was scored, in order
 * @param scores every set of samples
 */
public record ExperimentReport(
        String title,
        Scoring scoring,
        String distance,
        List<ExperimentTraining.Summary> trainings,
        List<ExperimentRow> rows,
        List<ScoredSamples> scores) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    public ExperimentReport {
        trainings = List.copyOf(trainings);
        rows = List.copyOf(rows);
        scores = List.copyOf(scores);
    }

    /** Puts scores side by side. */
    static ExperimentReport of(
            ExperimentConfig config,
            ExperimentFolder folder,
            ExtractorDescription extractor,
            List<ScoredSamples> scores)
            throws IOException {
        List<ExperimentTraining.Summary> trainings = new ArrayList<>();
        List<ExperimentRow> rows = new ArrayList<>();
        for (Run run : config.runs()) {
            trainings.add(ExperimentTraining.Summary.of(run, folder));
            rows.addAll(rows(run, config.scoring(), rows.size(), scores));
        }
        return new ExperimentReport(
                config.title(), config.scoring(), extractor.distanceName(), trainings, rows, scores);
    }

    private static List<ExperimentRow> rows(Run run, Scoring scoring, int before, List<ScoredSamples> scores) {
        Map<ExperimentRow, List<ScoredSamples>> rows = new LinkedHashMap<>();
        for (Schedule schedule : run.schedules()) {
            List<ScoredSamples> found = scores.stream()
                    .filter(score -> score.origin().run().equals(run.name())
                            && score.origin().settings().schedule().equals(schedule))
                    .toList();
            Kind kind = kind(run.plan(scoring, schedule));
            rows.put(ExperimentRow.of(before + rows.size() + 1, kind, found), found);
        }
        StaticLine line = new StaticLine(rows);
        return rows.entrySet().stream()
                .map(row -> line.compared(row.getKey(), row.getValue()))
                .toList();
    }

    private static Kind kind(RunPlan plan) {
        Schedule resolved = plan.schedule();
        if (resolved instanceof StaticSchedule) {
            return Kind.STATIC;
        } else if (resolved instanceof ThresholdSchedule) {
            return Kind.THRESHOLD;
        } else if (!(resolved instanceof FixedSchedule fixed) || fixed.counts().size() == 1) {
            return Kind.OTHER;
        } else {
            long[] costs = fixed.counts().stream()
                    .mapToLong(count -> plan.costs().of(count))
                    .toArray();
            long[] sorted = LongStream.of(costs).sorted().toArray();
            if (Arrays.equals(costs, sorted)) {
                return Kind.RISING;
            }
            for (int i = 0; i < costs.length; i++) {
                if (costs[i] != sorted[costs.length - 1 - i]) {
                    return Kind.OTHER;
                }
            }
            return Kind.FALLING;
        }
    }

    void write(ExperimentFolder folder, ExperimentListener listener) throws IOException {
        JsonFile.writeSealed(folder.json(), JSON.writeValueAsString(this));
        listener.onFile(folder.json());
        PngFile.write(folder.plot(), plot().draw());
        listener.onFile(folder.plot());
        WholeFile.write(folder.table(), String.join("\n", new ResultsTable(this).lines()) + "\n");
        listener.onFile(folder.table());
    }

    /** The tables in Markdown, without the pictures. */
    public List<String> lines() {
        return new ResultsTable(this).tables();
    }

    /** Fréchet distance against cost; numbers are those of the table's rows, bars reach one standard deviation. */
    LinePlot plot() {
        Map<String, List<ExperimentRow>> groups = new LinkedHashMap<>();
        for (ExperimentRow row : rows) {
            boolean elastic = trainings.stream()
                    .anyMatch(training -> training.run().equals(row.run())
                            && training.mediators().size() > 1);
            String name = elastic ? row.run() + ", " + row.kind().label() : "a network each";
            groups.computeIfAbsent(name, key -> new ArrayList<>()).add(row);
        }
        List<LinePlot.Curve> curves = new ArrayList<>();
        groups.forEach((name, group) -> {
            List<ExperimentRow> byCost = group.stream()
                    .sorted(Comparator.comparingDouble(row -> row.gflops().mean()))
                    .toList();
            curves.add(new LinePlot.Curve(
                    name,
                    byCost.stream().map(row -> row.gflops().mean()).toList(),
                    byCost.stream().map(row -> row.fd().mean()).toList(),
                    byCost.stream().allMatch(row -> row.kind() == Kind.STATIC),
                    byCost.stream().map(row -> Integer.toString(row.number())).toList(),
                    byCost.stream().map(row -> row.fd().deviation()).toList()));
        });
        return LinePlot.of(title, "GFLOPs per image", distance, curves);
    }

    /** The static rows of a run, by cost: what mixing two of them would give. */
    private static final class StaticLine {
        private final List<List<ScoredSamples>> byCost;

        StaticLine(Map<ExperimentRow, List<ScoredSamples>> rows) {
            byCost = rows.entrySet().stream()
                    .filter(row -> row.getKey().kind() == Kind.STATIC)
                    .sorted(Comparator.comparingDouble(
                            row -> row.getKey().gflops().mean()))
                    .map(Map.Entry::getValue)
                    .toList();
        }

        ExperimentRow compared(ExperimentRow row, List<ScoredSamples> scores) {
            if (row.kind() == Kind.STATIC || byCost.size() < 2) {
                return row;
            }
            double[] differences = new double[scores.size()];
            for (int seed = 0; seed < differences.length; seed++) {
                ScoredSamples score = scores.get(seed);
                differences[seed] = score.fd() - at(score.gflops(), seed);
            }
            return row.withBeyondLine(Average.of(differences));
        }

        /** The Fréchet distance on the line through the static ones at a cost, for one seed; level beyond its ends. */
        private double at(double gflops, int seed) {
            ScoredSamples below = byCost.get(0).get(seed);
            for (List<ScoredSamples> next : byCost) {
                ScoredSamples above = next.get(seed);
                double gap = above.gflops() - below.gflops();
                if (gflops < above.gflops()) {
                    double share = gap > 0 ? (gflops - below.gflops()) / gap : 0;
                    return below.fd() + share * (above.fd() - below.fd());
                }
                below = above;
            }
            return below.fd();
        }
    }
}
