package dev.mediator.app;

import dev.mediator.app.cli.Cli;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.app.cli.console.Signals;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Entry point of the {@code mediator} program. */
public final class Main {
    private static final Duration STEP_GRACE = Duration.ofSeconds(60);

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        Interruption interruption = new Interruption(STEP_GRACE);
        Signals.interrupt(interruption);
        System.exit(Cli.run(utf8(FileDescriptor.out), utf8(FileDescriptor.err), interruption, args));
    }

    /** JSON is UTF-8 whatever the locale, and class names may need it. */
    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
