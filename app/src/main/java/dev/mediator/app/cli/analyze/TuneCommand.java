package dev.mediator.app.cli.analyze;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.option.CodecOption;
import dev.mediator.app.cli.option.ModelOptions;
import dev.mediator.app.cli.option.SamplerOptions;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.app.cli.report.AnalysisSubject;
import dev.mediator.app.cli.report.CalibrationOptions;
import dev.mediator.app.cli.report.ComparisonSubject;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.stepwise.StaticSchedule;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tuning.Fidelity;
import dev.mediator.tuning.Tuner;
import dev.mediator.tuning.Tuner.SamplingChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tune}: finds and measures the schedules that lose least for what they cost. */
@Command(
        name = "tune",
        description = "Find the schedules that change images least for what they cost, and write one for each budget.",
        footer = {
            "",
            "The reference goes through the largest setting in every step. Error: how far the final latents of a schedule",
            "are from the reference's on the same noise, relative to their size. docs/schedules.md tells more.",
            "",
            "Examples:",
            "  ./mediator tune --out tuned",
            "  ./mediator sample --schedule tuned/schedule-0.9.json",
            "  ./mediator tune --points 25 --fewer-points 8,12,16 --guidance-intervals 0.2:1 --budgets 0.3,0.5 --out fast"
        })
public final class TuneCommand extends MediatorCommand {
    private static final int MAX_SCHEDULES = 1000;

    @Mixin
    private ModelOptions model;

    @Mixin
    private CodecOption codec;

    @Option(
            names = "--calibration",
            paramLabel = "N",
            description = "Images that schedules are chosen by. Default: ${DEFAULT-VALUE}.",
            defaultValue = "16")
    private int calibration;

    @Option(
            names = "--held-out",
            paramLabel = "N",
            description = "Images that chosen schedules are measured on besides. Default: ${DEFAULT-VALUE}.",
            defaultValue = "8")
    private int heldOut;

    @Mixin
    private CalibrationOptions images;

    @Option(
            names = "--budgets",
            paramLabel = "LIST",
            split = ",",
            description = "Shares of the reference's cost, for each of which a schedule is written. Default: 0.9.")
    private List<Double> budgets = new ArrayList<>(List.of(0.9));

    @Option(
            names = "--schedules",
            paramLabel = "N",
            description =
                    "How many of the best by prediction are run, besides the static ones and those of the budgets."
                            + " Default: ${DEFAULT-VALUE}.",
            defaultValue = "10")
    private int schedules;

    @Option(
            names = "--fewer-points",
            paramLabel = "LIST",
            split = ",",
            description = "Numbers of points that are allowed besides --points, for an ODE.")
    private List<Integer> fewerPoints = new ArrayList<>();

    @Option(
            names = "--guidance-intervals",
            paramLabel = "A:B,…",
            split = ",",
            description = "Intervals of guidance that are allowed besides --guidance-interval.")
    private List<String> guidanceIntervals = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where to write.")
    private Path out;

    @Mixin
    private SamplerOptions sampling;

    @Override
    protected String whenStopped() {
        return "stopped before a schedule was measured, nothing is written";
    }

    @Override
    protected Result run(Console console) throws IOException {
        requireWithin("--calibration", calibration, 1, CalibrationOptions.MAX_IMAGES);
        requireWithin("--held-out", heldOut, 0, CalibrationOptions.MAX_IMAGES);
        requireWithin("--schedules", schedules, 0, MAX_SCHEDULES);
        Placement placement = common().placement();
        DType dtype = placement.dtype();
        Path checkpoint = model.file();
        AnalysisFolder folder = AnalysisFolder.open(out);
        lockFolder(folder.path());
        try (ImageGenerator generator =
                ImageGenerator.open(List.of(checkpoint), model.weights(), placement, codec.folder())) {
            codec.warnOfAnother(console, checkpoint, model.weights(), generator.codec());
            Guidance guidance = sampling.guidance(generator.labels(), console);
            List<SamplingChoice> choices = ways(guidance);
            GenerationSettings reference = reference(generator, guidance);
            Fidelity.requireComparable(sampling.config());
            ComparisonSubject subject = ComparisonSubject.of(
                    checkpoint,
                    model.weightsName(),
                    generator.codec(),
                    dtype,
                    reference,
                    images.images(calibration + heldOut, generator.classNames()));
            Job job = new Job(console, choices.size() > 1);
            Tuner tuner = tuner(generator, choices, subject, job);
            requireBudgets(tuner, choices);
            TuneReport report = job.tune(tuner, subject, folder);
            report.lines().forEach(console::say);
            folder.files().forEach(console::say);
            return Result.ok(report.answer(folder));
        }
    }

    private Tuner tuner(ImageGenerator generator, List<SamplingChoice> choices, ComparisonSubject subject, Job job) {
        List<ImageRequest> all =
                subject.images().stream().map(AnalysisSubject.Sample::request).toList();
        return new Tuner(
                generator,
                choices,
                all.subList(0, calibration),
                all.subList(calibration, all.size()),
                images.batch(),
                job::step);
    }

    /** The two parts of the work, each with its progress. */
    private final class Job {
        private final Console console;
        private final boolean severalWays;
        private Runnable onStep = () -> {};

        Job(Console console, boolean severalWays) {
            this.console = console;
            this.severalWays = severalWays;
        }

        void step() {
            onStep.run();
        }

        TuneReport tune(Tuner tuner, ComparisonSubject subject, AnalysisFolder folder) throws IOException {
            try {
                try (Progress progress = console.progress("calibrating", tuner.calibrationSteps(), "steps")) {
                    onStep = () -> progress.step(1);
                    tuner.calibrate(schedules, budgets);
                }
                try (Progress progress = console.progress("measuring", tuner.measuringSteps(), "steps")) {
                    onStep = () -> progress.step(1);
                    tuner.measure();
                }
            } catch (CancellationException e) {
                keep(tuner, subject, folder);
                throw e;
            }
            return written(tuner, subject, folder);
        }

        private void keep(Tuner tuner, ComparisonSubject subject, AnalysisFolder folder) {
            if (tuner.measured().isEmpty()) {
                console.stopped("stopped before a schedule was measured, nothing is written");
                return;
            }
            try {
                written(tuner, subject, folder);
                console.stopped("stopped; the " + tuner.measured().size() + " schedules measured by now are in "
                        + folder.path());
            } catch (IOException e) {
                console.stopped("stopped; what was measured cannot be written: " + e.getMessage());
            }
        }

        private TuneReport written(Tuner tuner, ComparisonSubject subject, AnalysisFolder folder) throws IOException {
            TuneReport report = TuneReport.of(subject, calibration, tuner, budgets, severalWays);
            report.write(folder);
            return report;
        }
    }

    private GenerationSettings reference(ImageGenerator generator, Guidance guidance) {
        List<MediatorCount> counts = generator.costs().counts();
        return new GenerationSettings(sampling.config(), guidance, new StaticSchedule(counts.get(counts.size() - 1)));
    }

    /** The reference's, then all combinations of points and intervals. */
    private List<SamplingChoice> ways(Guidance whole) {
        List<SamplerConfig> samplers = Stream.concat(
                        Stream.of(sampling.config()), fewerPoints.stream().map(this::withPoints))
                .toList();
        List<Guidance> guidances = Stream.concat(
                        Stream.of(whole), guidanceIntervals.stream().map(interval -> withInterval(whole, interval)))
                .toList();
        return samplers.stream()
                .flatMap(sampler -> guidances.stream().map(guidance -> new SamplingChoice(sampler, guidance)))
                .distinct()
                .toList();
    }

    private SamplerConfig withPoints(int points) {
        if (!(sampling.config() instanceof OdeConfig ode)) {
            throw new IllegalArgumentException("--fewer-points is " + points + ", but runs of an SDE with other numbers"
                    + " of points get other noise and cannot be compared");
        }
        if (points >= ode.points()) {
            throw new IllegalArgumentException("--fewer-points is " + points + ", allowed are fewer than the "
                    + ode.points() + " of --points, which the reference has");
        }
        return ode.withPoints(points);
    }

    private static Guidance withInterval(Guidance whole, String text) {
        String[] ends = text.split(":", -1);
        try {
            if (ends.length == 2) {
                return new Guidance(
                        whole.scale(),
                        whole.channels(),
                        Double.parseDouble(ends[0].strip()),
                        Double.parseDouble(ends[1].strip()));
            }
        } catch (NumberFormatException e) {
            // the message below names the text
        }
        throw new IllegalArgumentException(
                "--guidance-intervals has '" + text + "', expected are two numbers such as 0.2:1");
    }

    private void requireBudgets(Tuner tuner, List<SamplingChoice> choices) {
        double least = Math.ceil(tuner.cheapestShare() * 10_000) / 10_000;
        for (double budget : budgets) {
            if (!(budget >= least && budget <= 1)) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "--budgets has %s, allowed with this network and these options are %.4f to 1%s",
                        budget,
                        least,
                        choices.size() > 1 ? "" : "; --fewer-points and --guidance-intervals make less possible"));
            }
        }
    }

    private static void requireWithin(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", allowed are " + least + " to " + most);
        }
    }
}
