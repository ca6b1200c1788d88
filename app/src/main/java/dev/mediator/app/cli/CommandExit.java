package dev.mediator.app.cli;

/** Exit codes of the process. */
final class CommandExit {
    static final int OK = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;

    private CommandExit() {}
}
