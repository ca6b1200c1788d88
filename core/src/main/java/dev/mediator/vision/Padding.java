package dev.mediator.vision;

/** What a convolution sees beyond the border, in TensorFlow's terms. */
enum Padding {
    /** Nothing: only whole windows count. */
    VALID {
        @Override
        long total(long size, long kernel, long stride) {
            return 0;
        }
    },
    /** Zeros, so that the output has ⌈size / stride⌉ pixels; an odd one out lies behind the end. */
    SAME {
        @Override
        long total(long size, long kernel, long stride) {
            return Math.max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size);
        }
    };

    /** Pixels added along an axis, before and behind together. */
    abstract long total(long size, long kernel, long stride);
}
