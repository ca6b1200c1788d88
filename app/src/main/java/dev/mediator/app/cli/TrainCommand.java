package dev.mediator.app.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Engine;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.LogEntry;
import dev.mediator.training.RunDirectory;
import dev.mediator.training.TrainConfig;
import dev.mediator.training.Trainer;
import dev.mediator.training.TrainingListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
    private static final String RECOMPUTE = "recomputeActivations=true";

    @Mixin
    private RunOptions options;

    @Option(
            names = "--skip-unreadable",
            description =
                    "Leave out images that cannot be read, and tell how many; short for data.skipUnreadable=true.")
    private boolean skipUnreadable;

    @Option(
            names = "--recompute-activations",
            description =
                    "Save memory: compute each block a second time on the way back instead of keeping what it needs"
                            + " there; the weights are the same. Short for recomputeActivations=true.")
    private boolean recomputeActivations;

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
        RunDirectory run = options.run();
        ComputeDevice device = common().device();
        try (TrainingProgress listener = new TrainingProgress(console);
                Trainer trainer = options.resume()
                        ? resumed(run, device, listener)
                        : Trainer.start(configuration(), device, run, listener)) {
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
            return answer(console, run, trainer.step(), listener.last());
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

    private TrainConfig configuration() throws IOException {
        ConfigTree tree = options.tree(ConfigTree.defaults());
        common().requestedDtype().ifPresent(dtype -> tree.set("dtype=" + dtype.name()));
        if (skipUnreadable) {
            tree.set("data.skipUnreadable=true");
        }
        if (recomputeActivations) {
            tree.set(RECOMPUTE);
        }
        return tree.toConfig();
    }

    private Trainer resumed(RunDirectory run, ComputeDevice device, TrainingListener listener) throws IOException {
        if (common().requestedDtype().isPresent() || skipUnreadable) {
            throw new IllegalArgumentException(
                    "a run is resumed as it was started: --dtype and --skip-unreadable do not go with --resume");
        }
        List<String> assignments = new ArrayList<>(options.assignments());
        if (recomputeActivations) {
            assignments.add(RECOMPUTE);
        }
        return Trainer.resume(run, assignments, device, listener);
    }

    /** A resumed run has its own configuration; a file named beside it may say something else by now. */
    private void noteIgnoredFile(Console console, TrainConfig used) throws IOException {
        if (options.resume() && options.configFile() != null && !configuration().equals(used)) {
            console.note(options.configFile()
                    + " differs from the run's own configuration, which is used; --set changes fields: "
                    + String.join(", ", Trainer.MAY_CHANGE));
        }
    }
}
