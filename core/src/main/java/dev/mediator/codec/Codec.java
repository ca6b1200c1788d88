package dev.mediator.codec;
import org.bytedeco.pytorch.Tensor;
public interface Codec { Tensor decode(Tensor latents); }
