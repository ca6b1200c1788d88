package dev.mediator.tensor;

import org.bytedeco.pytorch.Tensor;

/**
 * Random numbers as a pure function of (seed, stream, position): Philox4x32-10, the counter-based generator of Salmon
 * et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
 *
 * <p>A sample owns the stream of its index, and each use within the sample a substream, so its noise is the same
 * whatever the batch, order, worker or thread count. Normal deviates are Box-Muller in fp64 with {@link StrictMath}, the
 * same on every platform.
 *
 * @param seed the user's seed
 * @param stream which stream of the seed: a sample's index, or a purpose
 */
public record RandomStream(long seed, long stream) {
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final double TWO_POW_MINUS_32 = 0x1p-32;
    private static final double TWO_POW_MINUS_53 = 0x1p-53;

    /** A stream derived from this one, independent of it and of the other derived streams. */
    public RandomStream split(long index) {
        int[] block = block(index, -1);
        return new RandomStream(join(block[0], block[1]), join(block[2], block[3]));
    }

    /** Standard normal values; {@code use} numbers the draws of this stream (0 the start noise, 1… the steps). */
    public float[] normals(long use, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i += 4) {
            int[] bits = block(i >>> 2, use);
            for (int pair = 0; pair < 4 && i + pair < count; pair += 2) {
                double u = (Integer.toUnsignedLong(bits[pair]) + 0.5) * TWO_POW_MINUS_32;
                double angle = 2 * StrictMath.PI * Integer.toUnsignedLong(bits[pair + 1]) * TWO_POW_MINUS_32;
                double radius = StrictMath.sqrt(-2 * StrictMath.log(u));
                values[i + pair] = (float) (radius * StrictMath.cos(angle));
                if (i + pair + 1 < count) {
                    values[i + pair + 1] = (float) (radius * StrictMath.sin(angle));
                }
            }
        }
        return values;
    }

    /** Uniform values in [0, 1) with 53 random bits; {@code use} numbers the draws of this stream. */
    public double[] uniforms(long use, int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i += 2) {
            int[] bits = block(i >>> 1, use);
            values[i] = (join(bits[0], bits[1]) >>> 11) * TWO_POW_MINUS_53;
            if (i + 1 < count) {
                values[i + 1] = (join(bits[2], bits[3]) >>> 11) * TWO_POW_MINUS_53;
            }
        }
        return values;
    }

    /** One uniform value in [0, 1). */
    public double uniform(long use) {
        return uniforms(use, 1)[0];
    }

    /** One integer in [0, bound), by rejection and so without bias; {@code use} numbers the draws of this stream. */
    public long below(long use, long bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound is " + bound + ", allowed is 1 or more");
        }
        long limit = Long.MAX_VALUE - Long.MAX_VALUE % bound;
        for (long attempt = 0; ; attempt++) {
            int[] bits = block(attempt, use);
            long value = join(bits[0], bits[1]) >>> 1;
            if (value < limit) {
                return value % bound;
            }
        }
    }

    /** Standard normal tensor of one sample, fp32 on the CPU. */
    public Tensor normalTensor(long use, long... shape) {
        return Tensors.of(normals(use, Shapes.arrayLength(shape)), shape);
    }

    private int[] block(long position, long use) {
        long key = seed ^ (use * 0x9E3779B97F4A7C15L);
        int key0 = (int) key;
        int key1 = (int) (key >>> 32);
        int c0 = (int) position;
        int c1 = (int) (position >>> 32);
        int c2 = (int) stream;
        int c3 = (int) (stream >>> 32);
        for (int round = 0; round < 10; round++) {
            long product0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
            long product1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
            int next0 = (int) (product1 >>> 32) ^ c1 ^ key0;
            int next2 = (int) (product0 >>> 32) ^ c3 ^ key1;
            c1 = (int) product1;
            c3 = (int) product0;
            c0 = next0;
            c2 = next2;
            key0 += WEYL_0;
            key1 += WEYL_1;
        }
        return new int[] {c0, c1, c2, c3};
    }

    private static long join(int low, int high) {
        return Integer.toUnsignedLong(low) | ((long) high << 32);
    }
}
