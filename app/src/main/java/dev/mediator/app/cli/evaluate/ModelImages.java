package dev.mediator.app.cli.evaluate;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.ModelSamples;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.Spent;
import dev.mediator.image.Picture;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** Images that a network makes while they are scored, without ever being files. */
final class ModelImages implements ScoredImages {
    private final Description description;
    private final ImageGenerator generator;
    private final RunPlan plan;

    /**
     * What the record tells of them: enough to make them again.
     *
     * @param models the checkpoints
     * @param weights which weights of them
     * @param dtype what the network computed in
     * @param settings sampler, guidance and schedule
     * @param summary the sampler in words
     * @param schedule the schedule as it runs: a budget has become a fixed one
     * @param samples how many, and their seed; classes take turns
     */
    record Description(
            List<SampleRecord.Checkpoint> models,
            String weights,
            DType dtype,
            GenerationSettings settings,
            String summary,
            String schedule,
            ModelSamples samples) {}

    /** Takes over a generator: closing this closes it. */
    ModelImages(Description description, ImageGenerator generator, RunPlan plan) {
        this.description = description;
        this.generator = generator;
        this.plan = plan;
    }

    @Override
    public String name() {
        return String.join(
                        ", ",
                        description.models().stream()
                                .map(SampleRecord.Checkpoint::file)
                                .toList())
                + ", " + description.summary() + ", "
                + description.settings().guidance().summary() + ", " + description.schedule();
    }

    @Override
    public String shortName() {
        return description.models().get(0).file().replaceFirst("\\.safetensors$", "");
    }

    @Override
    public Description description() {
        return description;
    }

    @Override
    public int count() {
        return description.samples().count();
    }

    @Override
    public List<String> classes() {
        List<String> names = generator.classNames();
        return LongStream.of(description.samples().labels(names.size()))
                .mapToObj(label -> names.get((int) label))
                .toList();
    }

    @Override
    public double collect(Console console, FeatureCollector collector) throws IOException {
        try (Progress progress = console.progress("sampling", count(), "images")) {
            long[] done = {0};
            Spent spent = description.samples().collect(generator, plan, collector, (images, soFar) -> {
                progress.detail(String.format(
                        Locale.ROOT,
                        "%.2f images/s, %d evaluations",
                        images / progress.elapsedSeconds(),
                        soFar.evaluations()));
                progress.step((long) images - done[0]);
                done[0] = (long) images;
            });
            return spent.gflops() / count();
        }
    }

    @Override
    public List<Picture> pictures(List<Integer> indices) {
        List<Picture> pictures = new ArrayList<>();
        int classes = generator.classNames().size();
        for (int index : indices) { // one by one: a handful
            pictures.addAll(generator
                    .generate(List.of(description.samples().request(index, classes)), plan, GenerationObserver.NONE)
                    .pictures());
        }
        return pictures;
    }

    @Override
    public void close() {
        generator.close();
    }
}
