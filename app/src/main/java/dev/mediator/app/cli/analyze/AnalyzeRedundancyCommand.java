package dev.mediator.app.cli.analyze;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mediator.analysis.AttentionStudy;
import dev.mediator.analysis.Redundancy;
import dev.mediator.analysis.RedundancyPlots;
import dev.mediator.analysis.RedundancyProfile;
import dev.mediator.analysis.RedundancyProfile.Point;
import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.option.ClassList;
import dev.mediator.app.cli.option.MediatorsOption;
import dev.mediator.app.cli.option.ModelOptions;
import dev.mediator.app.cli.option.SamplerOptions;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.app.cli.report.AnalysisSubject;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.model.SitConfig;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code analyze redundancy}: how much the queries of each layer differ, over the time of sampling. */
@Command(
        name = "redundancy",
        description = "Measure how much the rows of attention maps differ, per layer and time step.",
        footer = {
            "",
            "The score of a layer is the mean Jensen-Shannon divergence of two rows of its attention map: 0 says that all",
            "tokens attend alike. Where trajectories are guided, the pass with the class is looked at.",
            "docs/redundancy.md tells more.",
            "",
            "Examples:",
            "  ./mediator analyze redundancy --mediators full",
            "  ./mediator analyze redundancy --sampler sde --every 10 --samples 16 --out analysis/sde"
        })
public final class AnalyzeRedundancyCommand extends MediatorCommand {
    private static final int MAX_SAMPLES = 100_000;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--classes",
            paramLabel = "LIST",
            description = "Names or numbers of classes, which samples take in turn, or all. Default: ${DEFAULT-VALUE}.",
            defaultValue = "all")
    private String classes = "all";

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Trajectories to average over. Default: ${DEFAULT-VALUE}.",
            defaultValue = "8")
    private int samples;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the first sample; the next has the next number. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private long seed;

    @Option(
            names = "--every",
            paramLabel = "K",
            description = "Look at every K-th step only. Default: ${DEFAULT-VALUE}.",
            defaultValue = "1")
    private int every;

    @Option(
            names = "--pairs",
            paramLabel = "P",
            description = "Pairs of rows to compare where there are more than " + Redundancy.EXACT_TOKENS
                    + " tokens; up to then all are compared. Default: " + Redundancy.DEFAULT_PAIRS + ".")
    private @Nullable Integer pairs;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to write. Default: a folder under analysis/ named after model and settings.")
    private @Nullable Path out;

    @Mixin
    private MediatorsOption mediators;

    @Mixin
    private SamplerOptions sampling;

    /** The file {@code redundancy.json}. */
    record Report(
            @JsonUnwrapped AnalysisSubject subject,
            int every,
            @JsonUnwrapped RedundancyProfile profile) {}

    /** What {@code --json} prints: the report, and the files' paths. */
    record Answer(@JsonUnwrapped Report report, List<String> files, double seconds) {}

    @Override
    protected Result run(Console console) throws IOException {
        Placement placement = common().placement();
        DType dtype = placement.dtype();
        Path checkpoint = model.file();
        try (ImageGenerator generator = ImageGenerator.openWithoutCodec(checkpoint, model.weights(), placement)) {
            SitConfig config = generator.config();
            AnalysisSubject subject = AnalysisSubject.of(
                    checkpoint,
                    model.weightsName(),
                    null,
                    dtype,
                    new GenerationSettings(
                            sampling.config(),
                            sampling.guidance(generator.labels(), console),
                            mediators.schedule(config.mediators(), config.largestMediators())),
                    samples(generator.classNames()));
            AttentionStudy study = subject.study(generator);
            requireOptions(generator.config().tokens(), study.steps());
            AnalysisFolder folder = AnalysisFolder.open(out, "redundancy", subject, every, pairCount());
            lockFolder(folder.path());
            long start = System.nanoTime();
            RedundancyProfile profile = measure(console, study, subject);
            double seconds = (System.nanoTime() - start) / 1e9;
            Report report = new Report(subject, every, profile);
            write(folder, report);
            print(console, report, folder, seconds);
            return Result.ok(new Answer(report, folder.files(), seconds));
        }
    }

    private List<AnalysisSubject.Sample> samples(List<String> classNames) {
        if (samples < 1 || samples > MAX_SAMPLES) {
            throw new IllegalArgumentException("--samples is " + samples + ", allowed are 1 to " + MAX_SAMPLES);
        }
        if (seed > Long.MAX_VALUE - (samples - 1)) {
            throw new IllegalArgumentException("--seed is " + seed + " with --samples " + samples
                    + ", allowed is at most " + (Long.MAX_VALUE - (samples - 1)));
        }
        List<Integer> labels = ClassList.parse(classes, classNames);
        return IntStream.range(0, samples)
                .mapToObj(i -> {
                    int label = labels.get(i % labels.size());
                    return new AnalysisSubject.Sample(label, classNames.get(label), seed + i);
                })
                .toList();
    }

    private void requireOptions(int tokens, int steps) {
        if (every < 1 || every > steps) {
            throw new IllegalArgumentException(
                    "--every is " + every + ", allowed are 1 to " + steps + ", the number of steps");
        }
        if (pairs != null && tokens <= Redundancy.EXACT_TOKENS) {
            throw new IllegalArgumentException("--pairs is " + pairs + ", but the network has " + tokens
                    + " tokens: up to " + Redundancy.EXACT_TOKENS + " all pairs are compared");
        }
        Redundancy.requirePairs(pairCount());
    }

    private int pairCount() {
        return pairs == null ? Redundancy.DEFAULT_PAIRS : pairs;
    }

    private RedundancyProfile measure(Console console, AttentionStudy study, AnalysisSubject subject) {
        long total = RedundancyProfile.scores(study, samples, every);
        try (Progress progress = console.progress("measuring", total, "attention maps")) {
            return RedundancyProfile.measure(study, subject.requests(), every, pairCount(), () -> progress.step(1));
        }
    }

    private static void write(AnalysisFolder folder, Report report) throws IOException {
        RedundancyPlots plots =
                new RedundancyPlots(report.profile(), report.subject().shortName());
        folder.write("redundancy.csv", report.profile().toCsv());
        folder.writeJson("redundancy.json", report);
        folder.write("redundancy.png", plots.lines().draw());
        folder.write("redundancy-map.png", plots.heatMap().draw());
    }

    private void print(Console console, Report report, AnalysisFolder folder, double seconds) {
        AnalysisSubject subject = report.subject();
        console.say(String.format(
                Locale.ROOT,
                "%s, %s, %s, %d samples, %.1f s",
                subject.shortName(),
                subject.summary(),
                subject.settings().guidance().summary(),
                samples,
                seconds));
        console.say("mean JSD of two rows / ln 2 (0: all tokens attend alike), ± standard error between samples");
        report.profile().byLayer().forEach(points -> console.say(line(points)));
        console.say(meanLine(report.profile()));
        console.say(
                report.profile().pairs() == null
                        ? "exact: all pairs of " + report.profile().tokens() + " rows"
                        : "estimated from " + report.profile().pairs() + " pairs of rows per map");
        folder.files().forEach(console::say);
    }

    /** A layer at its first, middle and last time. */
    private static String line(List<Point> points) {
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "layer %2d", points.get(0).layer()));
        shown(points.size()).forEach(i -> {
            Point p = points.get(i);
            Double error = p.standardError();
            line.append(String.format(Locale.ROOT, "   t %.3f: %.4f", p.t(), p.normalised()));
            line.append(
                    error == null ? "" : String.format(Locale.ROOT, " ± %.4f", new Redundancy(error, 0).normalised()));
        });
        return line.toString();
    }

    private static String meanLine(RedundancyProfile profile) {
        List<Point> points = profile.byLayer().get(0);
        StringBuilder line = new StringBuilder("mean    ");
        shown(points.size())
                .forEach(i -> line.append(String.format(
                        Locale.ROOT,
                        "   t %.3f: %.4f",
                        points.get(i).t(),
                        profile.meanOverLayers().get(i))));
        return line.toString();
    }

    private static IntStream shown(int count) {
        return IntStream.of(0, count / 2, count - 1).distinct();
    }
}
