package dev.mediator.app.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.ParentCommand;

/**
 * A command of the program. To add one: extend this class, annotate it with picocli's {@code @Command}, and list it in
 * {@link RootCommand} or in another group of commands.
 */
public abstract class MediatorCommand {
    @ParentCommand
    private CommandGroup group;

    /** The options that every command takes. */
    protected final CommonOptions common() {
        return group.common();
    }

    /** Who it is that says why a command has failed. */
    protected String speaker() {
        return "mediator";
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
