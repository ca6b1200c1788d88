package dev.mediator.app.cli.command;

import dev.mediator.app.cli.RootCommand;
import dev.mediator.app.cli.console.Console;
import dev.mediator.file.FolderLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/**
 * A command of the program. To add one: extend this class, annotate it with picocli's {@code @Command}, and list it in
 * {@link RootCommand} or in another group of commands.
 */
public abstract class MediatorCommand {
    @ParentCommand
    private CommandGroup group;

    private final List<FolderLock> locks = new ArrayList<>();

    /** The options that every command takes. */
    protected final CommonOptions common() {
        return group.common();
    }

    /** Who it is that says why a command has failed. */
    protected String speaker() {
        return "mediator";
    }

    /** What is left and how to go on when it was interrupted, unless {@link Console#stopped} has been told more. */
    protected String whenStopped() {
        return "stopped, nothing is written";
    }

    /** What is safe and how to go on when something could not be written; empty if there is nothing to say. */
    protected String whenNotWritten() {
        return "files that were there are as they were; once it can be written, give the same command again";
    }

    /** How to go on with data that have changed; empty for commands that cannot. */
    protected String whenDataChanged() {
        return "";
    }

    /**
     * For commands that write a folder: nobody else may write there until this one has ended.
     *
     * @throws IOException if somebody else does
     */
    protected final void lockFolder(Path folder) throws IOException {
        locks.add(FolderLock.ofFolder(folder, name()));
    }

    /** The same of one file. */
    protected final void lockFile(Path file) throws IOException {
        locks.add(FolderLock.ofFile(file, name()));
    }

    private String name() {
        return getClass().getAnnotation(Command.class).name();
    }

    /** Others may write again. */
    final void unlock() {
        locks.forEach(FolderLock::close);
        locks.clear();
    }

    /** What {@code --dtype} may be. */
    protected List<String> dtypes() {
        return List.of("fp32", "bf16");
    }

    /**
     * Does the work. The engine runs already, with the threads that were asked for.
     *
     * @param console where everything is said; the answer is said there too, for people
     * @return the answer for {@code --json}, and the exit code
     * @throws IllegalArgumentException for wrong arguments and settings (exit code 2)
     * @throws IOException for anything wrong with files and data (exit code 1)
     */
    protected abstract Result run(Console console) throws IOException;
}
