package dev.mediator.app.cli.evaluate;

import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.command.Version;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.evaluation.ClassAgreement;
import dev.mediator.evaluation.Evaluation;
import dev.mediator.evaluation.EvaluationConfig;
import dev.mediator.evaluation.EvaluationListener;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.FeatureSet;
import dev.mediator.evaluation.Scores;
import dev.mediator.image.Picture;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One evaluation, once all that it needs is open. */
final class EvaluationRun {
    private final Console console;
    private final FeatureExtractor extractor;
    private final ScoredImages scored;
    private final FeatureSet reference;
    private final @Nullable NearestSearch search;

    /**
     * Prepares an evaluation.
     *
     * @param search for the nearest training images; null if it was not asked for
     */
    EvaluationRun(
            Console console,
            FeatureExtractor extractor,
            ScoredImages scored,
            FeatureSet reference,
            @Nullable NearestSearch search) {
        this.console = console;
        this.extractor = extractor;
        this.scored = scored;
        this.reference = reference;
        this.search = search;
    }

    /**
     * Scores, tells and writes.
     *
     * @param start when the command began, as of {@link System#nanoTime}
     */
    Result run(EvaluationRecord.Settings settings, AnalysisFolder folder, long start) throws IOException {
        int count = scored.count();
        try (SamplePixels pixels = new SamplePixels(extractor, count);
                FeatureCollector collector = new FeatureCollector(
                        search != null && search.byPixels() ? pixels : extractor,
                        count,
                        true,
                        settings.preparation())) {
            List<String> classes = scored.classes(); // what is wrong with them is told before the long work
            double gflops = scored.collect(console, collector);
            ClassAgreement.leftOut(classes, extractor.classNames()).ifPresent(collector::warn);
            FeatureSet features = collector.collected();
            Scores scores = score(features, classes, settings.scoring());
            EvaluationAnswer.Nearest nearest = search == null ? null : nearest(search, pixels, features, folder);
            EvaluationAnswer answer = EvaluationAnswer.of(
                    scores,
                    scored.description() instanceof StoredImages.Description stored ? stored.skippedCount() : null,
                    nearest);
            folder.writeJson(
                    "evaluation.json",
                    new EvaluationRecord(
                            new Version().getVersion()[0],
                            settings,
                            scores.extractor().distanceName(),
                            answer,
                            scores.warnings(),
                            Double.isNaN(gflops) ? null : gflops,
                            (System.nanoTime() - start) * 1e-9));
            report(scores, nearest, folder);
            return Result.ok(answer);
        }
    }

    private Scores score(FeatureSet features, List<String> classes, EvaluationConfig config) throws IOException {
        long[] labels = ClassAgreement.labels(classes, extractor.classNames()).orElse(null);
        try (MetricProgress progress = new MetricProgress(console)) {
            return Evaluation.score(features, reference, labels, config, progress);
        }
    }

    private EvaluationAnswer.Nearest nearest(
            NearestSearch search, SamplePixels pixels, FeatureSet features, AnalysisFolder folder) throws IOException {
        Tensor samples = search.byPixels() ? pixels.pixels() : Objects.requireNonNull(features.features());
        Picture like = search.prepared(scored.pictures(List.of(0)).get(0));
        NearestSearch.Found found = search.search(samples, like);
        folder.write("nearest.png", search.draw(found, scored));
        return new EvaluationAnswer.Nearest(
                search.by(),
                found.memorisation().sampleMedian(),
                found.memorisation().heldOutMedian(),
                found.memorisation().threshold(),
                found.memorisation().closerShare(),
                found.memorisation().closest().distance(),
                folder.path().resolve("nearest.png").toString());
    }

    private void report(Scores scores, EvaluationAnswer.@Nullable Nearest nearest, AnalysisFolder folder) {
        console.say(scores.samples() + " samples of " + scored.name());
        console.say("against "
                + (scores.references() == 0
                        ? "a reference that does not tell its size"
                        : scores.references() + " images")
                + ", by " + scores.extractor().label());
        console.say("");
        EvaluationRecord.table(scores, nearest).forEach(console::say);
        console.say("");
        scores.warnings().forEach(warning -> console.note("warning: " + warning.text()));
        folder.files().forEach(console::say);
    }

    /** A bar for each metric that takes long. */
    private static final class MetricProgress implements EvaluationListener, AutoCloseable {
        private final Console console;
        private @Nullable Progress progress;
        private String metric = "";
        private long done;

        MetricProgress(Console console) {
            this.console = console;
        }

        @Override
        public void onProgress(String name, long now, long total) {
            Progress shown = progress;
            if (shown == null || !name.equals(metric) || now < done) { // another metric, or its next pass
                close();
                shown = console.progress(name, total, "parts");
                progress = shown;
                metric = name;
                done = 0;
            }
            shown.step(now - done);
            done = now;
        }

        @Override
        public void close() {
            if (progress != null) {
                progress.close();
                progress = null;
            }
        }
    }
}
