package dev.mediator.app.cli;

/** Exit codes of the process. */
final class CommandExit {
    static final int OK = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;

    /** Ctrl-C, as shells number it; the virtual machine ends the process with it. */
    static final int INTERRUPTED = 130;

    private CommandExit() {}
}
