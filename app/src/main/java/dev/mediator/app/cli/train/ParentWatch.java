package dev.mediator.app.cli.train;

import dev.mediator.app.cli.command.CommandExit;
import java.io.IOException;

/**
 * Ends a process with the one that started it, however that ended: the system closes the pipe that is this process's stdin, which
 * nobody writes to.
 */
final class ParentWatch {
    private ParentWatch() {}

    static void start() {
        Thread thread = new Thread(ParentWatch::waitForEnd, "parent-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static void waitForEnd() {
        try {
            while (System.in.read() >= 0) {
                // says nothing of interest
            }
        } catch (IOException e) {
            // as good as its end
        }
        Runtime.getRuntime().halt(CommandExit.FAILURE);
    }
}
