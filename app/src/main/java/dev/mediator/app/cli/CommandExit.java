package dev.mediator.app.cli;

/** Exit codes of the process. */
final class CommandExit {
    static final int OK = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;

    /** Ctrl-C, as shells number it; other signals have numbers of their own. */
    static final int INTERRUPTED = 130;

    private CommandExit() {}
}
