package dev.mediator.app.cli;

import dev.mediator.app.cli.command.CommandExit;
import dev.mediator.app.cli.command.Execution;
import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Version;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.file.FileNames;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** The whole program as a function of its arguments and two streams; tests call it in-process. */
public final class Cli {
    private final PrintStream out;
    private final PrintStream err;
    private final List<String> args;
    private final Execution execution;

    private Cli(PrintStream out, PrintStream err, Interruption interruption, List<String> args) {
        this.out = out;
        this.err = err;
        this.args = args;
        this.execution = new Execution(out, err, interruption, args);
    }

    /**
     * Runs one command.
     *
     * @param out where answers go
     * @param err where everything else goes
     * @param interruption how the process tells a running job that it ends
     * @return the exit code: 0 done, 1 failed, 2 bad usage, 130 interrupted (143 by SIGTERM)
     */
    public static int run(PrintStream out, PrintStream err, Interruption interruption, String... args) {
        return new Cli(out, err, interruption, List.of(args)).run();
    }

    private int run() {
        CommandLine line = new CommandLine(new RootCommand());
        tellVersion(line);
        line.registerConverter(Path.class, Cli::path);
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(this::execute)
                .setExecutionExceptionHandler((failure, command, parsed) -> execution.fail(failure))
                .setParameterExceptionHandler((failure, arguments) -> execution.fail(failure));
        try {
            args.forEach(FileNames::requireDecoded);
        } catch (IllegalArgumentException e) {
            return execution.fail(e);
        }
        return line.execute(args.toArray(String[]::new));
    }

    /** Every command knows the program's version, those of groups too. */
    private static void tellVersion(CommandLine command) {
        command.getCommandSpec().versionProvider(new Version());
        command.getSubcommands().values().forEach(Cli::tellVersion);
    }

    /** A path, or what is wrong with it, which may be the locale. */
    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(FileNames.explained(e));
        }
    }

    private int execute(ParseResult parsed) {
        Integer helpShown = CommandLine.executeHelpRequest(parsed);
        if (helpShown != null) {
            return helpShown;
        }
        List<CommandLine> chain = parsed.asCommandLineList();
        CommandLine invoked = chain.get(chain.size() - 1);
        if (!(invoked.getCommand() instanceof MediatorCommand command)) {
            invoked.usage(invoked.getErr());
            return CommandExit.USAGE;
        }
        return execution.run(command);
    }
}
