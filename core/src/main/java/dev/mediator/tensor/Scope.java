package dev.mediator.tensor;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Owner of the native tensors made while it is open, on the thread that opened it; closing frees them all.
 *
 * <p>Scopes nest: a model's tensors live outside, a step opens a scope of its own. {@link #keep} hands a tensor to the
 * scope around this one, {@link #release} to nobody: its holder then closes it (or the garbage collector does).
 */
public final class Scope implements AutoCloseable {
    private final PointerScope pointers = new PointerScope();

    private Scope() {}

    /** Opens a scope inside the innermost one of this thread. */
    public static Scope open() {
        NativeLibraries.load();
        return new Scope();
    }

    /** Runs a computation in a scope of its own; only its result lives on, in the scope around. */
    public static Tensor keepResult(Supplier<Tensor> computation) {
        try (Scope scope = open()) {
            return scope.keep(computation.get());
        }
    }

    /** Lets {@code pointer} outlive this scope: the enclosing scope, if there is one, frees it. */
    public <P extends Pointer> P keep(P pointer) {
        release(pointer);
        PointerScope enclosing = enclosing();
        if (enclosing != null) {
            enclosing.attach(pointer);
            pointer.releaseReference();
        }
        return pointer;
    }

    /** Lets {@code pointer} outlive every scope: whoever holds it must close it. */
    public <P extends Pointer> P release(P pointer) {
        pointer.retainReference();
        pointers.detach(pointer);
        return pointer;
    }

    @Override
    public void close() {
        pointers.close();
    }

    private @org.jspecify.annotations.Nullable PointerScope enclosing() {
        boolean found = false;
        var scopes = PointerScope.getScopeIterator();
        if (scopes == null) {
            return null;
        }
        while (scopes.hasNext()) {
            PointerScope candidate = scopes.next();
            if (found) {
                return candidate;
            }
            found = candidate == pointers;
        }
        return null;
    }
}
