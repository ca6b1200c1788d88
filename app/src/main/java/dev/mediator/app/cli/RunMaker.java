package dev.mediator.app.cli;

import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.model.Guidance;
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
    private final boolean named;
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
            Console console, Path checkpoint, String weights, DType dtype, boolean named, ImageGenerator generator) {
        this.console = console;
        this.checkpoint = checkpoint;
        this.weights = weights;
        this.dtype = dtype;
        this.named = named;
        this.generator = generator;
    }

    /**
     * Opens a checkpoint.
     *
     * @param named whether the names of its runs tell the checkpoint's
     */
    static RunMaker open(Console console, Path checkpoint, String weights, Placement placement, boolean named)
            throws IOException {
        ImageGenerator generator = ImageGenerator.open(List.of(checkpoint), WeightsOption.parse(weights), placement);
        return new RunMaker(console, checkpoint, weights, placement.dtype(), named, generator);
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
        Map<String, GenerationSettings> settings = new LinkedHashMap<>();
        Guidance guidance = sampling.guidance(generator.labels(), console);
        Schedule largest = new StaticSchedule(generator.largestMediators());
        for (String text : texts.isEmpty() ? List.of("static:" + generator.largestMediators()) : texts) {
            Schedule schedule = texts.isEmpty() ? largest : Schedule.parseOrRead(text, sampling.config(), guidance);
            GenerationSettings made = new GenerationSettings(sampling.config(), guidance, schedule);
            generator.requireUsable(made); // all of them, before anything is made
            settings.put(text.endsWith(".json") ? Path.of(text).getFileName().toString() : text, made);
        }
        List<ComparedRun> runs = new ArrayList<>();
        for (Map.Entry<String, GenerationSettings> run : settings.entrySet()) {
            runs.add(make(images, run.getKey(), run.getValue(), batch));
        }
        return runs;
    }

    private ComparedRun make(Map<ImageRequest, String> images, String schedule, GenerationSettings settings, int batch)
            throws IOException {
        String stem = checkpoint.getFileName().toString().replaceFirst("\\.safetensors$", "");
        Map<ImageRequest, ComparedRun.Made.One> made = new LinkedHashMap<>();
        List<ImageRequest> requests = List.copyOf(images.keySet());
        try (Progress progress = console.progress(schedule, requests.size(), "images")) {
            for (int first = 0; first < requests.size(); first += batch) {
                List<ImageRequest> part = requests.subList(first, Math.min(requests.size(), first + batch));
                Generation generation = generator.generate(part, settings, (step, soFar) -> progress.step(0));
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
                named ? stem + " " + schedule : schedule,
                new Description(
                        SampleRecord.Checkpoint.of(checkpoint),
                        weights,
                        dtype,
                        settings,
                        settings.sampler().summary(),
                        generator.requireUsable(settings).toString()),
                images,
                made);
    }

    @Override
    public void close() {
        generator.close();
    }
}
