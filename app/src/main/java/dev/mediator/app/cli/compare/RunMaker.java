package dev.mediator.app.cli.compare;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.option.NamedSchedules;
import dev.mediator.app.cli.option.SamplerOptions;
import dev.mediator.app.cli.option.WeightsOption;
import dev.mediator.app.cli.option.WeightsPlace;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.model.Guidance;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the runs of one checkpoint that are compared. */
final class RunMaker implements AutoCloseable {
    private final Console console;
    private final Path checkpoint;
    private final String weights;
    private final DType dtype;
    private final String name;
    private final ImageGenerator generator;

    /**
     * How a run was made.
     *
     * @param model the checkpoint
     * @param weights which weights of it
     * @param dtype what the network computed in
     * @param settings sampler, guidance and schedule
     * @param summary the sampler in words
     * @param schedule the schedule as it ran
     */
    record Description(
            SampleRecord.Checkpoint model,
            String weights,
            DType dtype,
            GenerationSettings settings,
            String summary,
            String schedule) {}

    private RunMaker(
            Console console, Path checkpoint, String weights, DType dtype, String name, ImageGenerator generator) {
        this.console = console;
        this.checkpoint = checkpoint;
        this.weights = weights;
        this.dtype = dtype;
        this.name = name;
        this.generator = generator;
    }

    /**
     * Opens a checkpoint.
     *
     * @param name the first word of the names of its runs; empty where there is one checkpoint
     */
    static RunMaker open(
            Console console, Path checkpoint, String weights, WeightsPlace place, Placement placement, String name)
            throws IOException {
        ImageGenerator generator =
                ImageGenerator.open(List.of(checkpoint), place.of(WeightsOption.parse(weights)), placement);
        String weightsName = place.name(WeightsOption.word(weights));
        return new RunMaker(console, checkpoint, weightsName, placement.dtype(), name, generator);
    }

    List<String> classNames() {
        return generator.classNames();
    }

    /**
     * Makes images with each schedule.
     *
     * @param texts of the schedules; empty for the largest count alone
     */
    List<ComparedRun> make(Map<ImageRequest, String> images, List<String> texts, SamplerOptions sampling, int batch)
            throws IOException {
        Guidance guidance = sampling.guidance(generator.labels(), console);
        StaticSchedule largest = new StaticSchedule(generator.largestMediators());
        Map<String, Schedule> schedules = texts.isEmpty()
                ? Map.of(largest.toString(), largest)
                : NamedSchedules.read(texts, sampling.config(), guidance);
        Map<String, RunPlan> plans = new LinkedHashMap<>();
        for (Map.Entry<String, Schedule> named : schedules.entrySet()) {
            GenerationSettings settings = new GenerationSettings(sampling.config(), guidance, named.getValue());
            plans.put(named.getKey(), generator.plan(settings)); // all of them, before anything is made
        }
        List<ComparedRun> runs = new ArrayList<>();
        for (Map.Entry<String, RunPlan> run : plans.entrySet()) {
            runs.add(make(images, run.getKey(), run.getValue(), batch));
        }
        return runs;
    }

    private ComparedRun make(Map<ImageRequest, String> images, String schedule, RunPlan plan, int batch)
            throws IOException {
        Map<ImageRequest, ComparedRun.Made.One> made = new LinkedHashMap<>();
        List<ImageRequest> requests = List.copyOf(images.keySet());
        try (Progress progress = console.progress(schedule, requests.size(), "images")) {
            for (int first = 0; first < requests.size(); first += batch) {
                List<ImageRequest> part = requests.subList(first, Math.min(requests.size(), first + batch));
                Generation generation = generator.generate(part, plan, (step, soFar) -> progress.step(0));
                for (int i = 0; i < part.size(); i++) {
                    made.put(
                            part.get(i),
                            new ComparedRun.Made.One(
                                    generation.pictures().get(i),
                                    generation.traces().get(i).gflops()));
                }
                progress.step(part.size());
            }
        }
        return new ComparedRun.Made(
                name.isEmpty() ? schedule : name + " " + schedule,
                new Description(
                        SampleRecord.Checkpoint.of(checkpoint),
                        weights,
                        dtype,
                        new GenerationSettings(plan.sampler(), plan.guidance(), plan.requested()),
                        plan.sampler().summary(),
                        plan.schedule().toString()),
                images,
                made);
    }

    @Override
    public void close() {
        generator.close();
    }
}
