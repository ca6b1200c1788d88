package dev.mediator.checkpoint.pickle;

import org.jspecify.annotations.Nullable;

/** An object that a pickle makes first and fills later (opcode {@code BUILD}). */
interface PickleObject {
    void build(@Nullable Object state, PickleBudget budget) throws PickleException;
}
