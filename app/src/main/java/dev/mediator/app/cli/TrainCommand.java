package dev.mediator.app.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.tensor.Engine;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.LogEntry;
import dev.mediator.training.RunDirectory;
import dev.mediator.training.TrainConfig;
import dev.mediator.training.Trainer;
import dev.mediator.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code train}: trains a network as a configuration says. */
@Command(
        name = "train",
        description =
                "Train a network, in a directory that holds all it makes; an interrupted run is resumed bit for bit.",
        footer = {
            "",
            "Examples:",
            "  ./mediator train configs/fashion-ti2-elastic.json",
            "  ./mediator train configs/fashion-ti2-elastic.json --run runs/short --set steps=500 --set data.imageSize=16",
            "  ./mediator train --run runs/short --resume"
        })
final class TrainCommand extends MediatorCommand {
    @Parameters(
            paramLabel = "CONFIG.json",
            arity = "0..1",
            description = "What to train; fields that it leaves out have their defaults. Not needed with --resume.")
    private @Nullable Path configFile;

    @Option(
            names = "--run",
            paramLabel = "DIR",
            description = "The run's directory. Default: runs/NAME for the configuration NAME.json.")
    private @Nullable Path directory;

    @Option(names = "--resume", description = "Go on from the run's newest checkpoint.")
    private boolean resume;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Set a field of the configuration, such as data.path=/images or steps=1000; repeatable.")
    private List<String> assignments = List.of();

    /** What {@code --json} prints. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Answer(
            String run,
            long step,
            @Nullable Double loss,
            @Nullable Double imagesPerSecond,
            String model) {}

    @Override
    protected Result run(Console console) throws IOException {
        RunDirectory run = new RunDirectory(runDirectory());
        TrainConfig config = resume ? null : configuration();
        try (ProgressListener listener = new ProgressListener(console);
                Trainer trainer = config == null
                        ? Trainer.resume(run, assignments, listener)
                        : Trainer.start(config, run, listener)) {
            console.note("training in %s with %d threads, from step %d to %d"
                    .formatted(
                            run.path(),
                            Engine.threads(),
                            trainer.step(),
                            trainer.config().steps()));
            try {
                trainer.run();
            } catch (CancellationException e) {
                console.note("stopped at step " + trainer.step() + " with a checkpoint; go on with: train --run "
                        + run.path() + " --resume");
                throw e;
            }
            LogEntry last = listener.last;
            return Result.ok(new Answer(
                    run.path().toString(),
                    trainer.step(),
                    last == null ? null : last.loss(),
                    last == null ? null : last.imagesPerSecond(),
                    run.model().toString()));
        }
    }

    private Path runDirectory() {
        if (directory != null) {
            return directory;
        }
        if (configFile == null) {
            throw new IllegalArgumentException("a CONFIG.json is missing, or --run DIR with --resume");
        }
        String name = configFile.getFileName().toString().replaceFirst("\\.json$", "");
        return Path.of("runs", name);
    }

    private TrainConfig configuration() throws IOException {
        if (configFile == null) {
            throw new IllegalArgumentException("a CONFIG.json is missing (or did you mean --resume?)");
        }
        ConfigTree tree = ConfigTree.read(configFile);
        assignments.forEach(tree::set);
        common().requestedDtype().ifPresent(dtype -> tree.set("dtype=" + dtype.name()));
        return tree.toConfig();
    }

    /** Shows log lines and progress. */
    private static final class ProgressListener implements TrainingListener, AutoCloseable {
        private final Console console;
        private @Nullable Progress progress;
        private @Nullable LogEntry last;
        private long stepsShown = -1;

        ProgressListener(Console console) {
            this.console = console;
        }

        @Override
        public void onNote(String note) {
            console.note(note);
        }

        @Override
        public void onStep(long step, long totalSteps) {
            if (progress == null) {
                stepsShown = step - 1;
                progress = console.progress("training", totalSteps - stepsShown, "steps");
            }
            progress.step(1);
        }

        @Override
        public void onLog(LogEntry entry) {
            last = entry;
            if (progress != null) {
                progress.detail(String.format(
                        Locale.ROOT,
                        "step %d, epoch %.2f, loss %.4f, %.0f images/s, %.0f GFLOP/s",
                        entry.step(),
                        entry.epoch(),
                        entry.loss(),
                        entry.imagesPerSecond(),
                        entry.gflopsPerSecond()));
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
            }
        }
    }
}
