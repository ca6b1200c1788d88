package dev.mediator.experiment;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorDigest;
import dev.mediator.checkpoint.Weights;
import dev.mediator.data.ImageDataset;
import dev.mediator.evaluation.Evaluation;
import dev.mediator.evaluation.EvaluationConfig;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.FeatureSet;
import dev.mediator.evaluation.ModelSamples;
import dev.mediator.evaluation.Scores;
import dev.mediator.experiment.ExperimentConfig.Run;
import dev.mediator.experiment.ScoredSamples.Origin;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.Spent;
import dev.mediator.stepwise.RunPlan.RunCost;
import dev.mediator.stepwise.Schedule;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Scores what an experiment lacks. Sets of samples are finished one by one, each with a file of its own. */
final class ExperimentScoring {
    /** Twenty subsets of 1000 leave a deviation of the mean that is far below that between seeds. */
    private static final EvaluationConfig METRICS = new EvaluationConfig(
            EvaluationConfig.DEFAULT.inceptionSplits(),
            EvaluationConfig.DEFAULT.neighbours(),
            20,
            EvaluationConfig.DEFAULT.kernelSubsetSize(),
            0);

    private final ExperimentConfig config;
    private final ExperimentFolder folder;
    private final FeatureExtractor extractor;
    private final ComputeDevice device;
    private final ExperimentListener listener;
    private final Scoring scoring;
    private double done; // 10⁹ multiply-adds since the phase began

    /** Samples to score: whose, how, and where the scores go. */
    private record Task(Run run, Origin origin, Path file, double gflops) {}

    ExperimentScoring(
            ExperimentConfig config,
            ExperimentFolder folder,
            FeatureExtractor extractor,
            ComputeDevice device,
            ExperimentListener listener) {
        this.config = config;
        this.folder = folder;
        this.extractor = extractor;
        this.device = device;
        this.listener = listener;
        this.scoring = config.scoring();
    }

    /** All scores, run by run, schedule by schedule, seed by seed. */
    List<ScoredSamples> run() throws IOException {
        Map<Task, @Nullable ScoredSamples> scores = new LinkedHashMap<>();
        for (Task task : tasks()) {
            scores.put(task, ScoredSamples.read(task.file(), task.origin()));
        }
        List<Task> missing = scores.keySet().stream()
                .filter(task -> scores.get(task) == null)
                .toList();
        if (!missing.isEmpty()) {
            try (Scope scope = Scope.open()) {
                ImageDataset images =
                        config.data().withSplit(scoring.reference()).open();
                FeatureSet reference = ReferenceFeatures.of(images, extractor, scoring.samples(), listener);
                listener.onPhase(
                        "scoring", missing.stream().mapToDouble(Task::gflops).sum(), "GFLOPs");
                for (Run run : config.runs()) {
                    score(
                            missing.stream()
                                    .filter(task -> task.run().equals(run))
                                    .toList(),
                            reference,
                            scores);
                }
            }
        }
        List<ScoredSamples> all = new ArrayList<>();
        scores.values().forEach(found -> {
            if (found != null) {
                all.add(found);
            }
        });
        return all;
    }

    private List<Task> tasks() throws IOException {
        List<Task> tasks = new ArrayList<>();
        for (Run run : config.runs()) {
            String model = weightsHash(folder.model(run));
            for (Schedule schedule : run.schedules()) {
                RunCost cost = run.plan(scoring, schedule).cost();
                double gflops = (cost.least() + cost.most()) / 2e9 * scoring.samples();
                for (int seed : scoring.seeds()) {
                    Path file = folder.score(run.name(), schedule.toString(), seed);
                    tasks.add(new Task(run, origin(run, model, schedule, seed), file, gflops));
                }
            }
        }
        return tasks;
    }

    private static String weightsHash(Path model) throws IOException {
        try (SafeTensors tensors = SafeTensors.open(model);
                Scope scope = Scope.open()) {
            return TensorDigest.sha256(tensors.all());
        }
    }

    private Origin origin(Run run, String model, Schedule schedule, int seed) {
        return new Origin(
                run.name(),
                model,
                placement(scoring, device).dtype().name(),
                new GenerationSettings(scoring.sampler(), scoring.guidance(), schedule),
                scoring.samples(),
                scoring.batch(),
                seed,
                extractor.description(),
                scoring.reference() + " split of " + config.data().path());
    }

    /** Where and in what sampling computes: without bf16 arithmetic in the CPU, bf16 would be slower and no less exact. */
    static Placement placement(Scoring scoring, ComputeDevice device) {
        boolean lacksBf16 = scoring.dtype() == DType.BF16 && !device.hasFastBf16();
        return new Placement(device, lacksBf16 ? DType.F32 : scoring.dtype());
    }

    private void score(List<Task> tasks, FeatureSet reference, Map<Task, @Nullable ScoredSamples> scores)
            throws IOException {
        if (tasks.isEmpty()) {
            return;
        }
        Path model = folder.model(tasks.get(0).run());
        try (ImageGenerator generator = ImageGenerator.open(List.of(model), Weights.EMA, placement(scoring, device))) {
            for (Task task : tasks) {
                try (Scope scope = Scope.open()) {
                    ScoredSamples found = score(task, generator, reference);
                    found.write(task.file());
                    listener.onFile(task.file());
                    scores.put(task, found);
                }
            }
        }
    }

    private ScoredSamples score(Task task, ImageGenerator generator, FeatureSet reference) throws IOException {
        long start = System.nanoTime();
        Origin origin = task.origin();
        ModelSamples samples = new ModelSamples(scoring.samples(), origin.seed(), scoring.batch());
        String name = origin.run() + ", " + origin.settings().schedule() + ", seed " + origin.seed();
        try (FeatureCollector collector = new FeatureCollector(extractor, scoring.samples(), true)) {
            double before = done;
            Spent spent = samples.collect(
                    generator,
                    generator.plan(origin.settings()),
                    collector,
                    (images, soFar) -> listener.onProgress(
                            before + task.gflops() * images / scoring.samples(),
                            name + ", " + (int) images + " of " + scoring.samples() + " images"));
            done += task.gflops();
            int classes = generator.config().numClasses();
            boolean sameClasses = extractor.description().classes() == classes;
            Scores scores = Evaluation.score(
                    collector.collected(),
                    reference,
                    sameClasses ? samples.labels(classes) : null,
                    METRICS,
                    (metric, part, parts) -> listener.onProgress(done, name + ", " + metric));
            return ScoredSamples.of(origin, spent, scores, (System.nanoTime() - start) / 1e9);
        }
    }
}
