package dev.mediator.app.cli.console;

import java.util.Optional;

/**
 * The terminal on the other end of stderr.
 *
 * @param columns its width
 */
public record Terminal(int columns) {
    private static final int NARROWEST = 40;

    /** The width of stderr's terminal, as the launcher found it: Java cannot tell a terminal on stderr by itself. */
    public static Optional<Terminal> ofStandardError() {
        int columns = Integer.getInteger("mediator.columns", 0);
        return columns >= NARROWEST ? Optional.of(new Terminal(columns)) : Optional.empty();
    }
}
