package dev.mediator.generation;

import dev.mediator.codec.Codec;
import dev.mediator.codec.PixelCodec;
import dev.mediator.codec.Posterior;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Pixels as they are, remembered before they are rounded to pictures. */
final class RecordingCodec implements Codec {
    private final PixelCodec pixels = new PixelCodec();
    private final List<float[]> images = new ArrayList<>();

    /** The images decoded so far, in order. */
    List<float[]> images() {
        return images;
    }

    @Override
    public String name() {
        return "recording";
    }

    @Override
    public String fingerprint() {
        return "";
    }

    @Override
    public long[] latentShape(long... imageShape) {
        return pixels.latentShape(imageShape);
    }

    @Override
    public long[] imageShape(long... latentShape) {
        return pixels.imageShape(latentShape);
    }

    @Override
    public Posterior posterior(Tensor images) {
        return pixels.posterior(images);
    }

    @Override
    public Tensor decode(Tensor latents) {
        float[] values = Tensors.floats(latents);
        int batch = Math.toIntExact(latents.size(0));
        int each = values.length / batch;
        for (int i = 0; i < batch; i++) {
            images.add(Arrays.copyOfRange(values, i * each, (i + 1) * each));
        }
        return pixels.decode(latents);
    }

    @Override
    public void close() {
        pixels.close();
    }
}
