package dev.mediator.experiment;

import dev.mediator.evaluation.FeatureExtractor;
import java.io.IOException;
import java.util.List;

/**
 * Trains and scores what is missing in a folder, and writes the report. Stopped at any moment, by an exception of the listener or
 * by the end of the process, and started again, it goes on: a training from its newest checkpoint, scoring with the next set
 * of samples.
 *
 * <pre>{@code
 * try (FeatureExtractor extractor = config.scoring().extractor().open(weights)) {
 *     ExperimentReport report = new Experiment(config, folder, extractor, ExperimentListener.NONE).run();
 * }
 * }</pre>
 */
public final class Experiment {
    private final ExperimentConfig config;
    private final ExperimentFolder folder;
    private final FeatureExtractor extractor;
    private final ExperimentListener listener;

    /**
     * An experiment in a folder, new or begun.
     *
     * @param extractor of the kind that the configuration names; stays open
     * @throws IllegalArgumentException if it is of another kind, or does not take such images
     */
    public Experiment(
            ExperimentConfig config, ExperimentFolder folder, FeatureExtractor extractor, ExperimentListener listener) {
        int channels = config.data().channels();
        if (extractor.description().channels() != channels) {
            throw new IllegalArgumentException("scoring.extractor is "
                    + extractor.description().name() + ", which takes images of "
                    + extractor.description().channels() + " channels; those of the experiment have " + channels);
        }
        this.config = config;
        this.folder = folder;
        this.extractor = extractor;
        this.listener = listener;
    }

    /**
     * Does what is left to do.
     *
     * @return the report, which is written too
     * @throws IOException if the folder holds trainings of another configuration, or files cannot be read or written
     */
    public ExperimentReport run() throws IOException {
        folder.requireFolder();
        new ExperimentTraining(config, folder, listener).run();
        List<ScoredSamples> scores = new ExperimentScoring(config, folder, extractor, listener).run();
        ExperimentReport report = ExperimentReport.of(config, folder, extractor.description(), scores);
        report.write(folder, listener);
        new SampleSheet(config, folder).draw(report.rows(), listener);
        return report;
    }
}
