package dev.mediator.app.cli;

import dev.mediator.file.CannotWriteException;
import dev.mediator.file.FileNames;
import dev.mediator.tensor.Cancellation;
import dev.mediator.training.ChangedDataException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** The whole program as a function of its arguments and two streams; tests call it in-process. */
public final class Cli {
    private final PrintStream out;
    private final PrintStream err;
    private final Interruption interruption;
    private final List<String> args;

    /** What {@code --json} prints when there is no answer. */
    record ErrorAnswer(String error, int exitCode) {}

    private Cli(PrintStream out, PrintStream err, Interruption interruption, List<String> args) {
        this.out = out;
        this.err = err;
        this.interruption = interruption;
        this.args = args;
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
                .setExecutionExceptionHandler((failure, command, parsed) -> fail(Failure.of(failure)))
                .setParameterExceptionHandler((failure, arguments) -> fail(Failure.of(failure)));
        try {
            args.forEach(FileNames::requireDecoded);
        } catch (IllegalArgumentException e) {
            return fail(Failure.of(e));
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
        Console console = console(command.common());
        try (Cancellation.Listening listening = interruption.commandStarted(() ->
                        console.note("stopping as soon as nothing is lost by it; a second Ctrl-C ends this at once"));
                Console.Preparing preparing = console.preparing()) {
            return execute(command, console);
        }
    }

    private int execute(MediatorCommand command, Console console) {
        CommonOptions common = command.common();
        try {
            FileNames.requireCurrentFolder();
            common.startEngine(command.dtypes(), console);
            interruption.check();
            Result result = command.run(console);
            Object answer = result.json();
            if (common.json() && answer != null) {
                JsonOutput.print(out, answer);
            }
            return result.exitCode();
        } catch (CancellationException e) {
            if (!console.hasToldStop()) {
                console.stopped(command.whenStopped());
            }
            return fail(new Failure("interrupted", interruption.exitCode(), e), command.speaker());
        } catch (CannotWriteException e) {
            return fail(Failure.of(e).with(command.whenNotWritten()), command.speaker());
        } catch (ChangedDataException e) {
            return fail(Failure.of(e).with(command.whenDataChanged()), command.speaker());
        } catch (Exception | LinkageError | OutOfMemoryError e) {
            return fail(Failure.of(e), command.speaker());
        } finally {
            command.unlock();
        }
    }

    private Console console(CommonOptions common) {
        return new Console(out, err, common.json(), Terminal.ofStandardError(), interruption);
    }

    private int fail(Failure failure) {
        return fail(failure, "mediator");
    }

    private int fail(Failure failure, String speaker) {
        if (args.contains("--json")) {
            JsonOutput.print(out, new ErrorAnswer(failure.message(), failure.exitCode()));
        }
        err.println(speaker + ": " + failure.message());
        if (args.contains("--verbose")) {
            failure.cause().printStackTrace(err);
        }
        err.flush();
        return failure.exitCode();
    }
}
