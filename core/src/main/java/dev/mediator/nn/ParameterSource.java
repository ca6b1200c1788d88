package dev.mediator.nn;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Where layers get their tensors from: fresh values, a checkpoint, or a training's buffers. */
@FunctionalInterface
public interface ParameterSource {
    /**
     * The parameter of this name.
     *
     * @param name full checkpoint name, such as {@code blocks.0.attn.qkv.weight}
     * @param init how a fresh one is filled
     * @param shape its sizes
     * @throws IllegalArgumentException if the source lacks it or holds another shape
     */
    Tensor get(String name, Init init, long... shape);

    /**
     * A parameter that is used as the weight of {@link dev.mediator.tensor.Ops#linear} only, [out, in]: a source whose
     * values do not change may hand it out in a layout that multiplies faster.
     */
    default Tensor linearWeight(String name, Init init, long out, long in) {
        return get(name, init, out, in);
    }

    /**
     * What a layer computes from its parameters alone, anew at each call; a source whose values do not change computes it
     * once, and owns it.
     *
     * @param name of the result, unique as a parameter's is
     */
    default Tensor derived(String name, Supplier<Tensor> computation) {
        return computation.get();
    }

    /** This source seen from a sub-module: {@code at("attn.").get("qkv.weight")} is {@code get("attn.qkv.weight")}. */
    default ParameterSource at(String prefix) {
        return new SubModuleParameters(this, prefix);
    }
}
