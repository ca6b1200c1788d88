package dev.mediator.checkpoint.pickle;

import org.jspecify.annotations.Nullable;

/** An object that a pickle makes first and fills later (opcode {@code BUILD}). */
public interface PickleObject {
    /** Fills it. */
    void build(@Nullable Object state, PickleBudget budget) throws PickleException;
}
