package dev.mediator.app;

import dev.mediator.app.cli.Cli;

/** Entry point of the {@code mediator} program. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(Cli.run(System.out, System.err, args));
    }
}
