package dev.mediator.app.cli.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.parallel.LostProcessException;
import dev.mediator.parallel.Member;
import dev.mediator.parallel.ProcessGroup;
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
                "Train a network, in a directory that holds all it makes; an interrupted run is resumed, on the CPU bit for"
                        + " bit.",
        footer = {
            "",
            "Examples:",
            "  ./mediator train configs/fashion-ti2-elastic-16.json",
            "  ./mediator train configs/fashion-ti2-elastic-16.json --run runs/short --set steps=500",
            "  ./mediator train --run runs/short --resume",
            "  ./mediator train configs/fashion-ti2-elastic-16.json --run runs/shared --processes 2"
        })
public final class TrainCommand extends MediatorCommand {
    private static final String RECOMPUTE = "recomputeActivations=true";

    @Mixin
    private RunOptions options;

    @Mixin
    private ProcessOptions processes;

    @Option(
            names = "--recompute-activations",
            description = "Save memory: compute each block again in the backward pass instead of keeping what it needs"
                    + " there; the weights are the same. Short for recomputeActivations=true.")
    private boolean recomputeActivations;

    private Member member = Member.ALONE;

    /** What {@code --json} prints. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Answer(
            String run,
            long step,
            @Nullable Double loss,
            @Nullable Double imagesPerSecond,
            int processes,
            @Nullable Integer skipped,
            String model) {}

    @Override
    protected String speaker() {
        return member.isFirst() ? super.speaker() : super.speaker() + ": " + member;
    }

    @Override
    protected String whenStopped() {
        return member.isFirst()
                ? options.whenStoppedEarly()
                : member + " has stopped; process 0 tells where the training goes on";
    }

    @Override
    protected String whenNotWritten() {
        return options.whenNotWritten();
    }

    @Override
    protected String whenDataChanged() {
        return options.whenDataChanged();
    }

    @Override
    protected Result run(Console console) throws IOException {
        options.acceptChangedData();
        member = processes.member();
        if (!member.isFirst()) {
            return follow(console.of(member));
        }
        RunDirectory run = options.run();
        TrainConfig config =
                options.resume() ? null : configuration(); // mistakes are told before others are waited for
        if (config != null) {
            config.requireShares(member.size());
        }
        try (Team team = processes.gather(common(), console)) {
            try {
                return lead(console, run, config, team.group());
            } catch (LostProcessException e) {
                throw team.explain(e);
            }
        }
    }

    /** @param config null for a run that goes on */
    private Result lead(Console console, RunDirectory run, @Nullable TrainConfig config, ProcessGroup group)
            throws IOException {
        try (TrainingProgress listener = new TrainingProgress(console);
                Trainer trainer =
                        config == null ? resumed(run, group, listener) : Trainer.start(config, group, run, listener)) {
            noteIgnoredFile(console, trainer.config());
            console.note(String.format(
                    Locale.ROOT,
                    "training in %s with %s%d threads, from step %d to %d",
                    run.path(),
                    member.size() == 1 ? "" : member.size() + " processes of ",
                    Engine.threads(),
                    trainer.step(),
                    trainer.config().steps()));
            try {
                trainer.run();
            } catch (CancellationException | LostProcessException e) {
                console.stopped("stopped at step " + trainer.step() + " with a checkpoint; go on with: "
                        + options.commandThatGoesOn(false));
                throw e;
            }
            return answer(console, run, trainer, listener.last());
        }
    }

    /** Trains with others, of which process 0 writes and answers. */
    private Result follow(Console console) throws IOException {
        List<String> assignments = new ArrayList<>(options.assignments());
        common().requestedDtype().ifPresent(dtype -> assignments.add("dtype=" + dtype.name()));
        if (recomputeActivations) {
            assignments.add(RECOMPUTE);
        }
        try (Team team = processes.gather(common(), console);
                TrainingProgress listener = new TrainingProgress(console);
                Trainer trainer = Trainer.follow(assignments, team.group(), listener)) {
            trainer.run();
            return Result.silent();
        } catch (CancellationException e) {
            if (processes.isSupervised()) {
                return Result.interrupted();
            }
            throw e;
        }
    }

    private Result answer(Console console, RunDirectory run, Trainer trainer, @Nullable LogEntry last) {
        long step = trainer.step();
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
                member.size(),
                trainer.skipped().isEmpty() ? null : trainer.skipped().size(),
                run.model().toString()));
    }

    private TrainConfig configuration() throws IOException {
        ConfigTree tree = options.tree(ConfigTree.defaults());
        common().requestedDtype().ifPresent(dtype -> tree.set("dtype=" + dtype.name()));
        if (recomputeActivations) {
            tree.set(RECOMPUTE);
        }
        return tree.toConfig();
    }

    private Trainer resumed(RunDirectory run, ProcessGroup group, TrainingListener listener) throws IOException {
        if (common().requestedDtype().isPresent()) {
            throw new IllegalArgumentException("a run is resumed as it was started: --dtype does not go with --resume");
        }
        List<String> assignments = new ArrayList<>(options.assignments());
        if (recomputeActivations) {
            assignments.add(RECOMPUTE);
        }
        return Trainer.resume(run, assignments, options.acceptChangedData(), group, listener);
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
