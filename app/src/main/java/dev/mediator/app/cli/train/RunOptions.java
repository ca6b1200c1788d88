package dev.mediator.app.cli.train;

import dev.mediator.app.cli.command.GivenOptions;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options that say which training is meant: its configuration, its directory, and whether it goes on. */
final class RunOptions {
    static final String SKIP = "data.skipUnreadable=true";

    private static final String ACCEPT_CHANGED_DATA = "--accept-changed-data";

    /** What {@link #commandThatGoesOn} says anyway. */
    private static final Set<String> NOT_REPEATED = Set.of("--run", "--resume", ACCEPT_CHANGED_DATA);

    /** The same, and what a run that has begun knows from its configuration. */
    private static final Set<String> KEPT_BY_A_RUN =
            Set.of("--run", "--set", "--skip-unreadable", "--recompute-activations", "--dtype");

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

    @Option(
            names = ACCEPT_CHANGED_DATA,
            description =
                    "With --resume: go on although images or classes have changed since. Default: that is an error.")
    private boolean acceptChangedData;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Whether a run goes on with data that have changed. */
    boolean acceptChangedData() {
        if (acceptChangedData && !resume) {
            throw new IllegalArgumentException("--accept-changed-data goes with --resume");
        }
        return acceptChangedData;
    }

    /** True if a run goes on. */
    boolean resume() {
        return resume;
    }

    /** What {@code --set} and {@code --skip-unreadable} change. */
    List<String> assignments() {
        List<String> all = new ArrayList<>(assignments);
        if (skipUnreadable) {
            all.add(SKIP);
        }
        return all;
    }

    /** The configuration's file, if one is named. */
    @Nullable
    Path configFile() {
        return configFile;
    }

    /** The configuration's file overlaid on defaults, and the settings of {@code --set} on that. */
    ConfigTree tree(ConfigTree defaults) throws IOException {
        ConfigTree tree = defaults.overlay(Objects.requireNonNull(configFile));
        assignments().forEach(tree::set);
        return tree;
    }

    /** The run's directory. */
    RunDirectory run() throws IOException {
        return new RunDirectory(runDirectory());
    }

    /**
     * The command that goes on with the run as this one does: with all options that a run does not keep.
     *
     * @param acceptsChangedData whether it is to accept data that have changed
     */
    String commandThatGoesOn(boolean acceptsChangedData) throws IOException {
        List<String> words = new ArrayList<>(List.of("--run", run().path().toString(), "--resume"));
        words.addAll(GivenOptions.of(command, resume ? NOT_REPEATED : KEPT_BY_A_RUN));
        if (acceptsChangedData) {
            words.add(ACCEPT_CHANGED_DATA);
        }
        return "./" + command.qualifiedName() + " " + GivenOptions.forShell(words);
    }

    /** How to go on with data that have changed. */
    String whenDataChanged() {
        try {
            return "to go on with them knowingly: " + commandThatGoesOn(true);
        } catch (IOException e) {
            return ""; // the run is gone meanwhile
        }
    }

    /** What is left of a run that was interrupted before an update. */
    String whenStoppedEarly() {
        try {
            RunDirectory run = run();
            return run.isUsed()
                    ? "stopped before " + (resume ? "another" : "the first") + " update; go on with: "
                            + commandThatGoesOn(acceptChangedData)
                    : "stopped, nothing is written";
        } catch (IOException | IllegalArgumentException e) {
            return "stopped, nothing is written"; // the options name no run
        }
    }

    /** What is safe of a run that cannot write a file. */
    String whenNotWritten() {
        try {
            RunDirectory run = run();
            Optional<Path> newest = run.latestCheckpoint();
            if (newest.isEmpty() && !run.isUsed()) {
                return "nothing is written; once it can be written, give the same command again";
            }
            return newest.map(file -> file + " is whole").orElse("no checkpoint has been written so far")
                    + "; once it can be written, go on with: " + commandThatGoesOn(acceptChangedData);
        } catch (IOException | IllegalArgumentException e) {
            return "";
        }
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
}
