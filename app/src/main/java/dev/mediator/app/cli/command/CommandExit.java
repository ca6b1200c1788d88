package dev.mediator.app.cli.command;

/** Exit codes of the process. */
public final class CommandExit {
    static final int OK = 0;
    public static final int FAILURE = 1;
    public static final int USAGE = 2;

    /** Ctrl-C, as shells number it; other signals have numbers of their own. */
    public static final int INTERRUPTED = 130;

    private CommandExit() {}
}
