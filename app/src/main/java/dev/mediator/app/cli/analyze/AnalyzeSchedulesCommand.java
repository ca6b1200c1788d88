package dev.mediator.app.cli.analyze;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.option.CodecOption;
import dev.mediator.app.cli.option.ModelOptions;
import dev.mediator.app.cli.option.NamedSchedules;
import dev.mediator.app.cli.option.SamplerOptions;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.app.cli.report.AnalysisSubject;
import dev.mediator.app.cli.report.CalibrationOptions;
import dev.mediator.app.cli.report.ComparisonSubject;
import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tuning.Fidelity;
import dev.mediator.tuning.ScheduleTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code analyze schedules}: what schedules cost and lose, measured on the same noise. */
@Command(
        name = "schedules",
        description = "Measure what schedules cost, when they switch, and how far their images are from those of the"
                + " largest settings on the same noise.",
        footer = {
            "",
            "All static schedules of the network are measured too. docs/schedules.md tells more.",
            "",
            "Examples:",
            "  ./mediator analyze schedules --schedule budget:0.9",
            "  ./mediator analyze schedules --sampler sde --count 8 --out analysis/sde \\\\",
            "      --schedule 'threshold:4,16,64@0.8,0.6;mae' --schedule tuned/schedule-0.9.json"
        })
public final class AnalyzeSchedulesCommand extends MediatorCommand {
    @Mixin
    private ModelOptions model;

    @Mixin
    private CodecOption codec;

    @Option(
            names = "--schedule",
            paramLabel = "TEXT|FILE.json",
            description = "A schedule to measure, as sample takes it; may be given several times.")
    private List<String> schedules = new ArrayList<>();

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Images to average over. Default: ${DEFAULT-VALUE}.",
            defaultValue = "16")
    private int count;

    @Mixin
    private CalibrationOptions images;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to write. Default: a folder under analysis/ named after the settings.")
    private @Nullable Path out;

    @Mixin
    private SamplerOptions sampling;

    @Override
    protected Result run(Console console) throws IOException {
        if (count < 1 || count > CalibrationOptions.MAX_IMAGES) {
            throw new IllegalArgumentException(
                    "--count is " + count + ", allowed are 1 to " + CalibrationOptions.MAX_IMAGES);
        }
        Placement placement = common().placement();
        DType dtype = placement.dtype();
        Path checkpoint = model.file();
        try (ImageGenerator generator =
                ImageGenerator.open(List.of(checkpoint), model.weights(), placement, codec.folder())) {
            codec.warnOfAnother(console, checkpoint, model.weights(), generator.codec());
            Guidance guidance = sampling.guidance(generator.labels(), console);
            Map<String, RunPlan> plans = plans(generator, guidance);
            Map<String, Schedule> asked = new LinkedHashMap<>();
            plans.forEach((name, plan) -> asked.put(name, plan.requested()));
            ComparisonSubject subject = ComparisonSubject.of(
                    checkpoint,
                    model.weightsName(),
                    generator.codec(),
                    dtype,
                    settings(guidance, new StaticSchedule(largest(generator))),
                    images.images(count, generator.classNames()));
            AnalysisFolder folder = AnalysisFolder.named(
                    out, subject.model().replaceFirst("\\.safetensors$", "") + "-schedules", List.of(subject, asked));
            lockFolder(folder.path());
            ScheduleTable table = measure(console, generator, subject, plans);
            SchedulesReport report = new SchedulesReport(subject, table);
            report.write(folder);
            report.lines().forEach(console::say);
            folder.files().forEach(console::say);
            return Result.ok(report.answer(folder));
        }
    }

    private static MediatorCount largest(ImageGenerator generator) {
        List<MediatorCount> counts = generator.costs().counts();
        return counts.get(counts.size() - 1);
    }

    private GenerationSettings settings(Guidance guidance, Schedule schedule) {
        return new GenerationSettings(sampling.config(), guidance, schedule);
    }

    /** Static ones first, then what was asked for, each once; checked before anything is made. */
    private Map<String, RunPlan> plans(ImageGenerator generator, Guidance guidance) throws IOException {
        Map<String, RunPlan> all = new LinkedHashMap<>();
        for (MediatorCount served : generator.costs().counts()) {
            all.put("static:" + served, generator.plan(settings(guidance, new StaticSchedule(served))));
        }
        NamedSchedules.read(schedules, sampling.config(), guidance)
                .forEach((name, schedule) -> all.put(name, generator.plan(settings(guidance, schedule))));
        Fidelity.requireComparable(sampling.config());
        return all;
    }

    private ScheduleTable measure(
            Console console, ImageGenerator generator, ComparisonSubject subject, Map<String, RunPlan> plans) {
        List<ImageRequest> requests =
                subject.images().stream().map(AnalysisSubject.Sample::request).toList();
        int batch = images.batch();
        long steps = sampling.config().plannedSteps().orElseThrow();
        long total = plans.size() * steps * ((requests.size() + batch - 1) / batch);
        Map<String, Generation> runs = new LinkedHashMap<>();
        try (Progress progress = console.progress("measuring", total, "steps")) {
            plans.forEach((name, plan) -> {
                progress.detail(name);
                runs.put(name, generator.generate(requests, plan, batch, (step, soFar) -> progress.step(1)));
            });
        }
        return ScheduleTable.of(
                runs,
                generator.costs().counts().stream()
                        .map(served -> "static:" + served)
                        .toList(),
                "static:" + generator.largestMediators());
    }
}
