package dev.mediator.codec;
import org.bytedeco.pytorch.Tensor;
public final class PixelCodec implements Codec { public Tensor decode(Tensor latents) { return latents; } }
