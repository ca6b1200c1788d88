package dev.mediator.nn;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * A source seen from one of the modules of a network.
 *
 * @param prefix put before each name, such as {@code attn.}
 */
record SubModuleParameters(ParameterSource whole, String prefix) implements ParameterSource {
    @Override
    public Tensor get(String name, Init init, long... shape) {
        return whole.get(prefix + name, init, shape);
    }

    @Override
    public Tensor linearWeight(String name, Init init, long out, long in) {
        return whole.linearWeight(prefix + name, init, out, in);
    }

    @Override
    public Tensor derived(String name, Supplier<Tensor> computation) {
        return whole.derived(prefix + name, computation);
    }
}
