package dev.mediator.tensor;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor that outlives the scope of the step it was made in, until it is replaced, closed or handed over.
 *
 * <p>For one thread at a time; closed, it holds nothing and {@link #get} is refused.
 */
public final class OwnedTensor implements AutoCloseable {
    private @Nullable Tensor tensor;

    /** Keeps a tensor of the innermost scope and frees the one held before. */
    public void set(Tensor next) {
        Tensor before = tensor;
        try (Scope scope = Scope.open()) {
            tensor = scope.release(next.alias()); // a handle that no scope and no caller has
        }
        if (before != null) {
            before.close();
        }
    }

    /** The tensor held; its storage may be shared, so it is never written to. */
    public Tensor get() {
        if (tensor == null) {
            throw new IllegalStateException("no tensor is held");
        }
        return tensor;
    }

    /** True if a tensor is held. */
    public boolean isPresent() {
        return tensor != null;
    }

    /** Gives the tensor to the innermost open scope and holds nothing any more. */
    public Tensor handOver() {
        Tensor held = get();
        tensor = null;
        try (Scope scope = Scope.open()) {
            return scope.keep(held);
        }
    }

    @Override
    public void close() {
        if (tensor != null) {
            tensor.close();
            tensor = null;
        }
    }
}
