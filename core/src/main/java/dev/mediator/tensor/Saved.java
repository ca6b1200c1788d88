package dev.mediator.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;

/**
 * What a forward pass keeps for the backward pass. It lives as long as the graph that the backward pass may go through.
 *
 * <p>Belongs to the thread of the forward pass, and then to that of the backward pass.
 */
public final class Saved {
    private final List<Pointer> kept = new ArrayList<>();

    Saved() {}

    /** A handle of the same values that outlives every scope. */
    public Tensor keep(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            return own(scope.release(tensor.detach()));
        }
    }

    /** Runs a computation that keeps nothing beyond its end but its result, which belongs to the innermost scope. */
    public static Tensor during(Function<Saved, Tensor> computation) {
        Saved passing = new Saved();
        try {
            return Scope.keepResult(() -> computation.apply(passing));
        } finally {
            passing.free();
        }
    }

    /** Takes over a pointer that no scope owns. */
    <P extends Pointer> P own(P pointer) {
        kept.add(pointer);
        return pointer;
    }

    void free() {
        kept.forEach(Pointer::close);
        kept.clear();
    }
}
