package dev.mediator.nn;

import org.bytedeco.pytorch.Tensor;

/** Where layers get their tensors from: fresh values, a checkpoint, or a training's buffers. */
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

    /** This source seen from a sub-module: {@code at("attn.").get("qkv.weight")} is {@code get("attn.qkv.weight")}. */
    default ParameterSource at(String prefix) {
        return (name, init, shape) -> get(prefix + name, init, shape);
    }
}
