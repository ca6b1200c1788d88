package dev.mediator.experiment;

import dev.mediator.data.DataIdentity;
import dev.mediator.experiment.ExperimentConfig.Run;
import dev.mediator.model.FlopCount;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.parallel.ProcessGroup;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.DataRecord;
import dev.mediator.training.LogEntry;
import dev.mediator.training.RunDirectory;
import dev.mediator.training.TrainConfig;
import dev.mediator.training.Trainer;
import dev.mediator.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Trains what an experiment lacks, each training from where it was stopped. */
final class ExperimentTraining {
    private static final JsonMapper JSON = new JsonMapper();
    /** Forward and backward, in forward passes. */
    private static final int PASSES = 3;

    /** Fields that leave the weights as they are, or name a file that may have moved. */
    private static final List<String> FREE =
            List.of("logEvery", "checkpointEvery", "keepCheckpoints", "sampleEvery", "exportDtype", "initFrom");

    private final ExperimentConfig config;
    private final ExperimentFolder folder;
    private final boolean acceptChangedData;
    private final ComputeDevice device;
    private final ExperimentListener listener;
    private double done; // 10⁹ multiply-adds since the phase began

    /**
     * How a run was trained, from its logs.
     *
     * @param run its name
     * @param mediators the counts that it serves
     * @param images seen in all stages
     * @param loss mean over the last tenth of the last stage's log
     * @param minutes spent on updates
     */
    record Summary(String run, List<MediatorCount> mediators, long images, double loss, double minutes) {
        static Summary of(Run run, ExperimentFolder folder) throws IOException {
            long images = 0;
            double seconds = 0;
            double loss = Double.NaN;
            for (int stage = 0; stage < run.stages().size(); stage++) {
                TrainConfig training = run.stages().get(stage);
                List<LogEntry> log = folder.training(run, stage).readLog();
                images += (long) training.steps() * training.batchSize();
                long before = 0;
                for (LogEntry entry : log) {
                    seconds += (entry.step() - before) * training.batchSize() / entry.imagesPerSecond();
                    before = entry.step();
                }
                loss = log.subList(log.size() - (log.size() + 9) / 10, log.size()).stream()
                        .mapToDouble(LogEntry::loss)
                        .average()
                        .orElse(Double.NaN);
            }
            return new Summary(run.name(), run.mediators(), images, loss, seconds / 60);
        }
    }

    ExperimentTraining(
            ExperimentConfig config,
            ExperimentFolder folder,
            boolean acceptChangedData,
            ComputeDevice device,
            ExperimentListener listener) {
        this.config = config;
        this.folder = folder;
        this.acceptChangedData = acceptChangedData;
        this.device = device;
        this.listener = listener;
    }

    void run() throws IOException {
        double missing = 0;
        for (Run run : config.runs()) {
            for (int stage = 0; stage < run.stages().size(); stage++) {
                requireSame(run, stage);
                folder.training(run, stage).logDamage().ifPresent(listener::onNote);
                missing += missing(run, stage);
            }
        }
        requireSameData();
        if (missing > 0) {
            listener.onPhase("training", missing, "GFLOPs");
        }
        for (Run run : config.runs()) {
            for (int stage = 0; stage < run.stages().size(); stage++) {
                train(run, stage);
            }
        }
    }

    /** A folder may hold the training of another configuration, which must not be taken for this one's. */
    private void requireSame(Run run, int stage) throws IOException {
        RunDirectory directory = folder.training(run, stage);
        if (!directory.holdsUpdates()) {
            return;
        }
        JsonNode found = deciding(ConfigTree.read(directory.config()).toConfig());
        JsonNode asked = deciding(run.stages().get(stage));
        TreeSet<String> different = new TreeSet<>();
        asked.forEachEntry((field, value) -> {
            if (!value.equals(found.path(field))) {
                different.add(field);
            }
        });
        if (!different.isEmpty()) {
            throw new IOException(directory.path() + " was trained with other settings (" + String.join(", ", different)
                    + "); delete it or name another folder with --out");
        }
    }

    /** All networks must be trained on the same data. Finished networks are checked too. */
    private void requireSameData() throws IOException {
        Map<List<Object>, DataIdentity> known = new HashMap<>();
        for (Run run : config.runs()) {
            for (int stage = 0; stage < run.stages().size(); stage++) {
                RunDirectory directory = folder.training(run, stage);
                if (!directory.holdsUpdates()) {
                    continue;
                }
                TrainConfig training = run.stages().get(stage);
                List<Object> data = List.of(training.data(), String.valueOf(training.latents()));
                if (!known.containsKey(data)) {
                    known.put(data, DataRecord.now(training));
                }
                DataRecord.requireSame(
                        directory, Objects.requireNonNull(known.get(data)), acceptChangedData, listener::onNote);
            }
        }
    }

    private static JsonNode deciding(TrainConfig training) {
        ObjectNode tree = JSON.valueToTree(training);
        tree.remove(FREE);
        if (tree.get("data") instanceof ObjectNode data) {
            data.remove("path");
        }
        return tree;
    }

    /** What is left of a stage, in 10⁹ multiply-adds. */
    private double missing(Run run, int stage) throws IOException {
        RunDirectory directory = folder.training(run, stage);
        TrainConfig training = run.stages().get(stage);
        if (Files.exists(directory.model())) {
            return 0;
        }
        @Nullable Path newest = directory.latestCheckpoint().orElse(null);
        long behind = newest == null ? 0 : RunDirectory.stepOf(newest);
        return (training.steps() - behind) * gflopsPerStep(training);
    }

    private static double gflopsPerStep(TrainConfig training) {
        SitConfig network = Run.network(training);
        double forward = network.mediators().stream()
                .mapToLong(count -> FlopCount.forward(network, count))
                .average()
                .orElseThrow();
        return PASSES * forward * training.batchSize() / 1e9;
    }

    private void train(Run run, int stage) throws IOException {
        RunDirectory directory = folder.training(run, stage);
        if (Files.exists(directory.model())) {
            return;
        }
        boolean begun = directory.holdsUpdates();
        if (!begun) {
            requireSameData(); // they may have changed while earlier networks were trained
        }
        String name = run.name() + (run.stages().size() == 1 ? "" : ", stage " + (stage + 1));
        Steps steps = new Steps(name, gflopsPerStep(run.stages().get(stage)));
        try (Trainer trainer = begun
                ? Trainer.resume(directory, List.of(), acceptChangedData, ProcessGroup.single(device), steps)
                : Trainer.start(started(run, stage), ProcessGroup.single(device), directory, steps)) {
            trainer.run();
        }
    }

    /** The training of a stage: later ones start from the network of the one before. */
    private TrainConfig started(Run run, int stage) throws IOException {
        TrainConfig training = run.stages().get(stage);
        if (stage == 0) {
            return training;
        }
        ObjectNode initial = JSON.createObjectNode();
        initial.put("initFrom", folder.training(run, stage - 1).model().toString());
        return ConfigTree.defaults()
                .overlay(ConfigTree.toJson(training), run.name())
                .overlay(initial.toString(), run.name())
                .toConfig();
    }

    /** Turns updates into progress of the whole phase. */
    private final class Steps implements TrainingListener {
        private final String name;
        private final double gflopsPerStep;
        private String rate = "";

        Steps(String name, double gflopsPerStep) {
            this.name = name;
            this.gflopsPerStep = gflopsPerStep;
        }

        @Override
        public void onNote(String note) {
            listener.onNote(note);
        }

        @Override
        public void onBegin(double seconds, long updates) {
            listener.onBegin(name, seconds, updates);
        }

        @Override
        public void onStep(long step, long totalSteps) {
            done += gflopsPerStep;
            listener.onProgress(done, name + ", step " + step + " of " + totalSteps + rate);
        }

        @Override
        public void onLog(LogEntry entry) {
            rate = String.format(Locale.ROOT, ", loss %.4f, %.0f images/s", entry.loss(), entry.imagesPerSecond());
        }

        @Override
        public void onFile(Path file) {
            if (file.endsWith("model.safetensors")) {
                listener.onFile(file);
            }
        }
    }
}
