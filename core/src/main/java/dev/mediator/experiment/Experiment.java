package dev.mediator.experiment;

import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.experiment.ExperimentConfig.Run;
import dev.mediator.file.FolderLock;
import dev.mediator.model.LabelTraining;
import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import java.util.List;

/**
 * Trains and scores what is missing in a folder, and writes the report. Stopped at any moment, by an exception of the listener or
 * by the end of the process, and started again, it goes on: a training from its newest checkpoint, scoring with the next set
 * of samples.
 *
 * <pre>{@code
 * try (FeatureExtractor extractor = config.scoring().extractor().open(weights, device)) {
 *     ExperimentReport report = new Experiment(config, folder, extractor, device, ExperimentListener.NONE).run();
 * }
 * }</pre>
 */
public final class Experiment {
    private final ExperimentConfig config;
    private final ExperimentFolder folder;
    private final FeatureExtractor extractor;
    private final ComputeDevice device;
    private final ExperimentListener listener;

    /**
     * An experiment in a folder, new or begun.
     *
     * @param extractor of the kind that the configuration names; stays open
     * @param device where networks are trained and sampled
     * @throws IllegalArgumentException if it is of another kind, or does not take such images
     */
    public Experiment(
            ExperimentConfig config,
            ExperimentFolder folder,
            FeatureExtractor extractor,
            ComputeDevice device,
            ExperimentListener listener) {
        int channels = config.data().channels();
        if (extractor.description().channels() != channels) {
            throw new IllegalArgumentException("scoring.extractor is "
                    + extractor.description().name() + ", which takes images of "
                    + extractor.description().channels() + " channels; those of the experiment have " + channels);
        }
        this.config = config;
        this.folder = folder;
        this.extractor = extractor;
        this.device = device;
        this.listener = listener;
    }

    /**
     * Does what is left to do.
     *
     * @return the report, which is written too
     * @throws IOException if the folder holds trainings of another configuration, somebody else
     *     writes there, or files cannot be read or written
     */
    public ExperimentReport run() throws IOException {
        return run(false);
    }

    /**
     * Runs the experiment, even if its data have changed.
     *
     * @param acceptChangedData whether to go on if a network in the folder, finished or not, was trained on other images or classes;
     *     otherwise that is an error
     */
    public ExperimentReport run(boolean acceptChangedData) throws IOException {
        folder.requireFolder();
        try (FolderLock lock = FolderLock.ofFolder(folder.path(), "experiment")) {
            return makeAll(acceptChangedData);
        }
    }

    private ExperimentReport makeAll(boolean acceptChangedData) throws IOException {
        noteUnlearnedLabels();
        new ExperimentTraining(config, folder, acceptChangedData, device, listener).run();
        List<ScoredSamples> scores = new ExperimentScoring(config, folder, extractor, device, listener).run();
        ExperimentReport report = ExperimentReport.of(config, folder, extractor.description(), scores);
        report.write(folder, listener);
        new SampleSheet(config, folder, device).draw(report.rows(), listener);
        return report;
    }

    /** Before hours of training: networks that are to be sampled with a guidance that they do not learn. */
    private void noteUnlearnedLabels() {
        for (Run run : config.runs()) {
            LabelTraining.of(run.last().labelDropout())
                    .warning(config.scoring().guidance())
                    .ifPresent(warning -> listener.onNote("run " + run.name() + ": " + warning));
        }
    }
}
