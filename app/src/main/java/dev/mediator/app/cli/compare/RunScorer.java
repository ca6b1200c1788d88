package dev.mediator.app.cli.compare;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.evaluate.Reference;
import dev.mediator.evaluation.ClassAgreement;
import dev.mediator.evaluation.Evaluation;
import dev.mediator.evaluation.EvaluationConfig;
import dev.mediator.evaluation.EvaluationListener;
import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.ImagePreparation;
import dev.mediator.evaluation.Scores;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.Picture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Scores runs that are compared, all against one reference.
 *
 * @param reference stays open
 */
record RunScorer(
        Console console,
        FeatureExtractor extractor,
        Reference reference,
        ImagePreparation preparation,
        EvaluationConfig config) {
    private static final int BATCH = 32;

    /** What decides the scores, for the record. */
    record Settings(
            ExtractorDescription extractor,
            Reference.Description reference,
            ImagePreparation preparation,
            EvaluationConfig scoring) {}

    Settings settings() {
        return new Settings(extractor.description(), reference.description(), preparation, config);
    }

    /** The scores of certain images of a run. */
    Scores score(ComparedRun run, Map<ImageRequest, String> images) throws IOException {
        try (FeatureCollector collector = new FeatureCollector(extractor, images.size(), true, preparation);
                Progress progress = console.progress("features of " + run.name(), images.size(), "images")) {
            List<Picture> batch = new ArrayList<>();
            for (ImageRequest image : images.keySet()) {
                batch.add(run.picture(image));
                if (batch.size() == BATCH) {
                    collector.add(batch);
                    batch.clear();
                }
                progress.step(1);
            }
            collector.add(batch);
            long[] labels = ClassAgreement.labels(List.copyOf(images.values()), extractor.classNames())
                    .orElse(null);
            Scores scores = Evaluation.score(
                    collector.collected(), reference.features(), labels, config, EvaluationListener.NONE);
            scores.warnings().forEach(warning -> console.note("warning: " + run.name() + ": " + warning.text()));
            return scores;
        }
    }
}
