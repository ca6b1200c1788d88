package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleBudget;
import dev.mediator.checkpoint.pickle.PickleObject;
import dev.mediator.checkpoint.pickle.Quoted;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of a PyTorch file that is of no kind that is read. It stands in nobody's way: it is listed, and refused where it is
 * asked for.
 *
 * @param reason what it is, after “it has”, and what to do about it
 */
record RefusedTensor(String reason) implements PickleObject {
    /** Names from the file may be in the reason, which stays on one line. */
    RefusedTensor {
        reason = Quoted.line(reason);
    }

    @Override
    public void build(@Nullable Object state, PickleBudget budget) {
        // its attributes tell nothing more
    }

    @Override
    public String toString() {
        return "not read: " + reason;
    }
}
