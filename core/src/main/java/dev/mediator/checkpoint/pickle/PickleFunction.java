package dev.mediator.checkpoint.pickle;

import org.jspecify.annotations.Nullable;

/**
 * A name that a pickle may call, and what happens then.
 *
 * @param name module and name
 * @param body builds plain data from the arguments
 */
public record PickleFunction(String name, Body body) implements PickleGlobal {
    /** What is done in place of the Python function. */
    @FunctionalInterface
    public interface Body {
        /** Builds the result; whatever it copies it pays from the arguments' budget. */
        @Nullable
        Object call(Arguments arguments) throws PickleException;
    }
}
