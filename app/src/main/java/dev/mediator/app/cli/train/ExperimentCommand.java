package dev.mediator.app.cli.train;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.option.ShippedWeights;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.extractor.ExtractorKind;
import dev.mediator.experiment.Experiment;
import dev.mediator.experiment.ExperimentConfig;
import dev.mediator.experiment.ExperimentFolder;
import dev.mediator.experiment.ExperimentListener;
import dev.mediator.experiment.ExperimentReport;
import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code experiment}: trains networks alike, scores them alike, and puts the scores side by side. */
@Command(
        name = "experiment",
        description =
                "Train the networks of a configuration alike, score each by its schedules, and put the scores side by"
                        + " side: a table, a plot of the Fréchet distance against cost, and samples.",
        footer = {
            "",
            "Started again after an interruption, it goes on. docs/experiment.md tells more.",
            "",
            "Examples:",
            "  ./mediator experiment experiments/fashion/reduced.json",
            "  ./mediator experiment experiments/fashion/full.json --out runs/night"
        })
public final class ExperimentCommand extends MediatorCommand {
    @Parameters(paramLabel = "CONFIG.json", description = "What is trained, and how it is scored.")
    private Path configFile;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where everything is kept. Default: a folder under runs/ named after the configuration.")
    private @Nullable Path out;

    @Option(
            names = "--accept-changed-data",
            description =
                    "Go on although images or classes have changed since a network of the folder was trained, finished"
                            + " or not. Default: that is an error.")
    private boolean acceptChangedData;

    /** What {@code --json} prints: the report, and the report's files. */
    record Answer(@JsonUnwrapped ExperimentReport report, String folder, List<String> files) {}

    @Override
    protected String whenStopped() {
        return "stopped; the same command goes on";
    }

    @Override
    protected String whenNotWritten() {
        return "what is finished is kept; once it can be written, the same command goes on";
    }

    @Override
    protected String whenDataChanged() {
        return "to go on with them knowingly: give the same command with --accept-changed-data";
    }

    @Override
    protected Result run(Console console) throws IOException {
        if (common().requestedDtype().isPresent()) {
            throw new IllegalArgumentException("--dtype does not go with experiment: the configuration names it, as"
                    + " train.dtype and scoring.dtype");
        }
        ExperimentConfig config = ExperimentConfig.read(configFile);
        ComputeDevice device = common().device();
        ExperimentFolder folder = new ExperimentFolder(out != null ? out : defaultFolder(configFile));
        try (FeatureExtractor extractor = config.scoring().extractor().open(weights(config), device);
                Phases phases = new Phases(console)) {
            ExperimentReport report = new Experiment(config, folder, extractor, device, phases).run(acceptChangedData);
            phases.close();
            report.lines().forEach(console::say);
            List<String> files = new ArrayList<>();
            for (Path file : List.of(folder.table(), folder.json(), folder.plot(), folder.samples())) {
                files.add(file.toString());
            }
            files.forEach(console::say);
            return Result.ok(new Answer(report, folder.path().toString(), files));
        }
    }

    private static Path weights(ExperimentConfig config) throws IOException {
        @Nullable String named = config.scoring().weights();
        if (named != null) {
            return Path.of(named);
        }
        ExtractorKind kind = config.scoring().extractor();
        if (kind != ExtractorKind.FASHION) {
            throw new IllegalArgumentException("scoring.extractor is " + kind.label()
                    + ", whose weights do not come with the program: name their file in scoring.weights");
        }
        return ShippedWeights.findClassifier();
    }

    /** {@code experiments/fashion/reduced.json} → {@code runs/fashion-reduced}. */
    private static Path defaultFolder(Path config) {
        Path absolute = config.toAbsolutePath().normalize();
        String name = absolute.getFileName().toString().replaceFirst("\\.json$", "");
        @Nullable Path parent = absolute.getParent();
        return Path.of(
                "runs", parent == null || parent.getFileName() == null ? name : parent.getFileName() + "-" + name);
    }

    /** Shows each phase as a job of its own. */
    private static final class Phases implements ExperimentListener, AutoCloseable {
        private final Console console;
        private @Nullable Progress progress;
        private long shown;

        Phases(Console console) {
            this.console = console;
        }

        @Override
        public void onNote(String note) {
            console.note(note);
        }

        @Override
        public void onPhase(String name, double total, String unit) {
            close();
            shown = 0;
            progress = console.progress(name, Math.max(1, (long) Math.ceil(total)), unit);
        }

        @Override
        public void onBegin(String training, double seconds, long updates) {
            TrainingProgress.tell(seconds, updates, estimate -> console.note(training + ": " + estimate));
        }

        @Override
        public void onProgress(double done, String detail) {
            if (progress != null) {
                long now = Math.max(shown, (long) done);
                progress.detail(detail);
                progress.step(now - shown);
                shown = now;
            }
        }

        @Override
        public void onFile(Path file) {
            console.note("wrote " + file);
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
