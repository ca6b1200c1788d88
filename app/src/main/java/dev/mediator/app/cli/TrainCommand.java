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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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
            "  ./mediator train configs/fashion-ti2-elastic-16.json",
            "  ./mediator train configs/fashion-ti2-elastic-16.json --run runs/short --set steps=500",
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

    @Option(
            names = "--skip-unreadable",
            description =
                    "Leave out images that cannot be read, and tell how many; short for data.skipUnreadable=true.")
    private boolean skipUnreadable;

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
        try (ProgressListener listener = new ProgressListener(console);
                Trainer trainer = resume ? resumed(run, listener) : Trainer.start(configuration(), run, listener)) {
            noteIgnoredFile(console, trainer.config());
            console.note("training in %s with %d threads, from step %d to %d"
                    .formatted(
                            run.path(),
                            Engine.threads(),
                            trainer.step(),
                            trainer.config().steps()));
            try {
                trainer.run();
            } catch (CancellationException e) {
                console.note("stopped at step " + trainer.step() + " with a checkpoint; go on with: ./mediator train"
                        + " --run " + run.path() + " --resume");
                throw e;
            }
            return answer(console, run, trainer.step(), listener.last);
        }
    }

    private static Result answer(Console console, RunDirectory run, long step, @Nullable LogEntry last) {
        if (last == null) {
            console.say("trained to step " + step + " before");
        } else {
            console.say(String.format(
                    Locale.ROOT,
                    "trained to step %d, loss %.4f, %.0f images/s",
                    step,
                    last.loss(),
                    last.imagesPerSecond()));
        }
        console.say("model: " + run.model());
        return Result.ok(new Answer(
                run.path().toString(),
                step,
                last == null ? null : last.loss(),
                last == null ? null : last.imagesPerSecond(),
                run.model().toString()));
    }

    private Path runDirectory() throws IOException {
        if (configFile == null && !(resume && directory != null)) {
            throw new IllegalArgumentException("a CONFIG.json is missing, or --run DIR with --resume");
        }
        if (configFile != null && !Files.isRegularFile(configFile)) {
            throw new IOException(configFile + " does not exist or is not a file");
        }
        Path chosen = directory != null ? directory : Path.of("runs", nameOf(Objects.requireNonNull(configFile)));
        if (Files.exists(chosen) && !Files.isDirectory(chosen)) {
            throw new IOException(chosen + " is a file, a run needs a folder");
        }
        return chosen;
    }

    private static String nameOf(Path file) {
        return file.getFileName().toString().replaceFirst("\\.json$", "");
    }

    private TrainConfig configuration() throws IOException {
        ConfigTree tree = ConfigTree.read(Objects.requireNonNull(configFile));
        assignments.forEach(tree::set);
        common().requestedDtype().ifPresent(dtype -> tree.set("dtype=" + dtype.name()));
        if (skipUnreadable) {
            tree.set("data.skipUnreadable=true");
        }
        return tree.toConfig();
    }

    private Trainer resumed(RunDirectory run, TrainingListener listener) throws IOException {
        if (common().requestedDtype().isPresent() || skipUnreadable) {
            throw new IllegalArgumentException(
                    "a run is resumed as it was started: --dtype and --skip-unreadable do not go with --resume");
        }
        return Trainer.resume(run, assignments, listener);
    }

    /** A resumed run has its own configuration; a file named beside it may say something else by now. */
    private void noteIgnoredFile(Console console, TrainConfig used) throws IOException {
        if (resume && configFile != null && !configuration().equals(used)) {
            console.note(configFile + " differs from the run's own configuration, which is used; --set changes fields: "
                    + String.join(", ", Trainer.MAY_CHANGE));
        }
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
