package dev.mediator.app.cli.analyze;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.app.cli.report.ComparisonSubject;
import dev.mediator.image.LinePlot;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.ScheduleFile;
import dev.mediator.stepwise.StaticSchedule;
import dev.mediator.tuning.TunedPoint;
import dev.mediator.tuning.Tuner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The files {@code tune.json} and {@code tune.png}, and a {@code schedule-B.json} for each budget.
 *
 * @param subject what was tuned on; its settings are the reference's
 * @param calibration how many of its images schedules were chosen by; the others are held out
 * @param gflopsReference multiply-adds of an image of the reference in 10⁹
 * @param profiles what was learnt of each way of sampling
 * @param points every schedule that was run
 * @param front those that no other is both cheaper and better than
 * @param budgets the best measured schedule within each budget
 */
record TuneReport(
        @JsonUnwrapped ComparisonSubject subject,
        int calibration,
        double gflopsReference,
        List<Tuner.Profile> profiles,
        List<TunedPoint> points,
        List<TunedPoint> front,
        Map<String, ScheduleFile> budgets) {
    /** What {@code --json} prints: the report, and the files' paths. */
    record Answer(@JsonUnwrapped TuneReport report, List<String> files) {}

    /**
     * The report of what a tuner has measured.
     *
     * @param severalWays whether points or interval were searched, so that a schedule has to name them
     */
    static TuneReport of(
            ComparisonSubject subject, int calibration, Tuner tuner, List<Double> budgets, boolean severalWays) {
        List<TunedPoint> front = TunedPoint.front(tuner.measured());
        Map<String, ScheduleFile> schedules = new LinkedHashMap<>();
        for (double budget : budgets) {
            front.stream()
                    .filter(point -> point.share() <= budget * (1 + 1e-9))
                    .max(Comparator.comparingDouble(TunedPoint::share))
                    .ifPresent(point -> schedules.put(
                            Double.toString(budget),
                            new ScheduleFile(
                                    Schedule.parse(point.schedule()),
                                    severalWays ? point.points() : null,
                                    severalWays ? point.guidanceInterval() : null)));
        }
        return new TuneReport(
                subject, calibration, tuner.referenceGflops(), tuner.profiles(), tuner.measured(), front, schedules);
    }

    Answer answer(AnalysisFolder folder) {
        return new Answer(this, folder.files());
    }

    void write(AnalysisFolder folder) throws IOException {
        folder.writeJson("tune.json", this);
        folder.write("tune.png", plot().draw());
        for (Map.Entry<String, ScheduleFile> budget : budgets.entrySet()) {
            folder.writeJson("schedule-" + budget.getKey() + ".json", budget.getValue());
        }
    }

    /** What was measured, as a table. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(subject.model() + ", " + subject.summary() + ", "
                + subject.settings().guidance().summary() + ", " + calibration + " images, and "
                + (subject.images().size() - calibration) + " held out");
        lines.add("");
        lines.add("| | schedule | points | guided | GFLOPs per image | share | predicted error | error | held out |");
        lines.add("|---|---|---|---|---|---|---|---|---|");
        for (TunedPoint point : points) {
            lines.add(String.format(
                    Locale.ROOT,
                    "| %s | `%s` | %d | %s–%s | %.2f | %.4f | %.4f | %.4f ± %.4f | %s |",
                    front.contains(point) ? "front" : "",
                    point.schedule(),
                    point.points(),
                    point.guidanceInterval().get(0),
                    point.guidanceInterval().get(1),
                    point.gflops(),
                    point.share(),
                    point.errorPredicted(),
                    point.error().mean(),
                    point.error().standardError(),
                    heldOut(point)));
        }
        lines.add("");
        budgets.forEach((budget, file) -> lines.add("budget " + budget + ": " + file.schedule()));
        return lines;
    }

    private static String heldOut(TunedPoint point) {
        return point.heldOut() == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%.4f ± %.4f",
                        point.heldOut().mean(),
                        point.heldOut().standardError());
    }

    /** Error against cost. */
    LinePlot plot() {
        List<LinePlot.Curve> curves = new ArrayList<>();
        Predicate<TunedPoint> isStatic = point -> Schedule.parse(point.schedule()) instanceof StaticSchedule;
        Map<String, List<TunedPoint>> statics = new LinkedHashMap<>();
        points.stream().filter(isStatic).forEach(point -> statics.computeIfAbsent(
                        points.stream()
                                        .anyMatch(other -> other.points() != point.points()
                                                || !other.guidanceInterval().equals(point.guidanceInterval()))
                                ? "static, " + point.points() + " points, guided "
                                        + point.guidanceInterval().get(0) + "–"
                                        + point.guidanceInterval().get(1)
                                : "static",
                        name -> new ArrayList<>())
                .add(point));
        statics.forEach((name, group) -> curves.add(curve(name, group, true)));
        List<TunedPoint> searched = points.stream()
                .filter(isStatic.negate())
                .filter(point -> !front.contains(point))
                .toList();
        if (!searched.isEmpty()) {
            curves.add(curve("not on the front", searched, false));
        }
        curves.add(curve("front", front, true));
        return LinePlot.of(
                subject.headline(), "GFLOPs per image", "relative error of latents to the largest setting", curves);
    }

    private static LinePlot.Curve curve(String name, List<TunedPoint> points, boolean joined) {
        return new LinePlot.Curve(
                name,
                points.stream().map(TunedPoint::gflops).toList(),
                points.stream().map(point -> point.error().mean()).toList(),
                joined,
                List.of());
    }
}
