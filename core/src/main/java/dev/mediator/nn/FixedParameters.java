package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.UseGuard;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Parameters that do not change any more: weights of products are packed, once, in the layout in which this machine
 * multiplies fastest, and what layers compute from parameters alone is computed once. Layers over them infer; they cannot
 * be trained or saved.
 *
 * <p>Owns what it hands out: closing it ends the layers that were built over it. Any thread may use it, one at a time.
 */
public final class FixedParameters implements ParameterSource, AutoCloseable {
    private final ParameterSource source;
    private final Map<String, Tensor> owned = new HashMap<>();
    private final UseGuard guard = new UseGuard("the fixed parameters");

    /** @param source of the plain values, each asked for once and not kept */
    public FixedParameters(ParameterSource source) {
        this.source = source;
    }

    @Override
    public Tensor get(String name, Init init, long... shape) {
        return own(name, () -> source.get(name, init, shape));
    }

    @Override
    public Tensor linearWeight(String name, Init init, long out, long in) {
        return own(name, () -> Ops.packLinear(source.get(name, init, out, in)));
    }

    @Override
    public Tensor derived(String name, Supplier<Tensor> computation) {
        return own(name, computation);
    }

    private Tensor own(String name, Supplier<Tensor> tensor) {
        try (UseGuard.Use use = guard.use()) {
            Tensor known = owned.get(name);
            if (known == null) {
                try (Scope scope = Scope.open()) {
                    known = scope.release(tensor.get());
                }
                owned.put(name, known);
            }
            return known;
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            owned.values().forEach(Tensor::close);
            owned.clear();
        });
    }
}
