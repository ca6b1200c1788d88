package dev.mediator.data;

import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** Labelled images that are trained on together, as plain arrays; tensors are made on request by the calling thread. */
public final class Batch {
    private final long position;
    private final ImageShape shape;
    private final float[] pixels;
    private final long[] classes;

    Batch(long position, ImageShape shape, float[] pixels, long[] classes) {
        this.position = position;
        this.shape = shape;
        this.pixels = pixels;
        this.classes = classes;
    }

    /** Position in the sample stream of this batch's first image. */
    public long position() {
        return position;
    }

    /** Number of images B. */
    public int size() {
        return classes.length;
    }

    /** Shape of each image. */
    public ImageShape shape() {
        return shape;
    }

    /** The batch's own pixel array in [−1, 1], [B, C, H, W] in row-major order. */
    public float[] pixels() {
        return pixels;
    }

    /** The batch's own array of labels, [B]. */
    public long[] classes() {
        return classes;
    }

    /** The pixels as a new CPU tensor [B, C, H, W] fp32, owned by this thread's scope. */
    public Tensor images() {
        return Tensors.of(pixels, size(), shape.channels(), shape.height(), shape.width());
    }

    /** The labels as a new CPU tensor [B] int64, owned by this thread's scope. */
    public Tensor labels() {
        return Tensors.of(classes, size());
    }
}
