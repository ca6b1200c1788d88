package dev.mediator.app.cli.command;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.app.cli.console.Terminal;
import dev.mediator.file.CannotWriteException;
import dev.mediator.file.FileNames;
import dev.mediator.tensor.Cancellation;
import dev.mediator.training.ChangedDataException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CancellationException;

/** One invocation of the program: runs a command, and turns what it throws into a message and an exit code. */
public final class Execution {
    private final PrintStream out;
    private final PrintStream err;
    private final Interruption interruption;
    private final List<String> args;

    /** What {@code --json} prints when there is no answer. */
    record ErrorAnswer(String error, int exitCode) {}

    /**
     * An invocation.
     *
     * @param out where answers go
     * @param err where everything else goes
     * @param interruption how the process tells a running job that it ends
     * @param args the arguments, which tell how failures are reported before there is a command
     */
    public Execution(PrintStream out, PrintStream err, Interruption interruption, List<String> args) {
        this.out = out;
        this.err = err;
        this.interruption = interruption;
        this.args = args;
    }

    /** Runs a command; returns the exit code. */
    public int run(MediatorCommand command) {
        Console console = new Console(out, err, command.common().json(), Terminal.ofStandardError(), interruption);
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

    /** Reports a failure; returns the exit code. */
    public int fail(Exception failure) {
        return fail(Failure.of(failure), "mediator");
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
