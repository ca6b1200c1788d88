package dev.mediator.app.cli.command;

import org.jspecify.annotations.Nullable;

/**
 * The answer of a command.
 *
 * @param json what {@code --json} prints: a record, map or Jackson node that becomes one JSON object; null
 *     if another process answers
 * @param exitCode 0 for success, 1 when the command ran but its answer is a failure (such as a failed self-test), 130 when it
 *     was interrupted
 */
public record Result(@Nullable Object json, int exitCode) {
    /** The command did what was asked. */
    public static Result ok(Object json) {
        return new Result(json, CommandExit.OK);
    }

    /** The command did its part of what was asked, and another process answers. */
    public static Result silent() {
        return new Result(null, CommandExit.OK);
    }

    /** The command was interrupted, and another process says so. */
    public static Result interrupted() {
        return new Result(null, CommandExit.INTERRUPTED);
    }

    /** The command ran to its end, and the answer is no. */
    public static Result failed(Object json) {
        return new Result(json, CommandExit.FAILURE);
    }
}
