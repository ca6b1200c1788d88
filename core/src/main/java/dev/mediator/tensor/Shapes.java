package dev.mediator.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** Shape checks for public boundaries: a wrong shape is reported by name, with what was expected and what was found. */
public final class Shapes {
    /** Stands for any size in {@link #require}. */
    public static final long ANY = -1;

    private Shapes() {}

    /** Sizes of a tensor, row-major order. */
    public static long[] of(Tensor tensor) {
        return tensor.shape();
    }

    /** Number of elements of a shape; an overflow is an error. */
    public static long numel(long... shape) {
        long n = 1;
        for (long s : shape) {
            n = Math.multiplyExact(n, s);
        }
        return n;
    }

    /**
     * Number of elements of a shape whose values are held in a Java array.
     *
     * @throws IllegalArgumentException if they are more than such an array holds
     */
    public static int arrayLength(long... shape) {
        long n = 1;
        for (long size : shape) {
            if (size > 0 && n > Integer.MAX_VALUE / size) {
                throw new IllegalArgumentException("values of shape " + Arrays.toString(shape) + " are more than the "
                        + Integer.MAX_VALUE + " that are held at a time; a smaller batch or smaller images have fewer");
            }
            n *= size;
        }
        return (int) n;
    }

    /**
     * Checks a tensor's shape and returns the tensor.
     *
     * @param name what the tensor is called in the message
     * @param expected the sizes, {@link #ANY} where any will do
     */
    public static Tensor require(Tensor tensor, String name, long... expected) {
        long[] found = of(tensor);
        boolean fits = found.length == expected.length;
        for (int i = 0; fits && i < found.length; i++) {
            fits = expected[i] == ANY || expected[i] == found[i];
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    name + " has shape " + Arrays.toString(found) + ", expected is " + format(expected));
        }
        return tensor;
    }

    private static String format(long[] expected) {
        return Arrays.toString(expected).replace("-1", "any");
    }
}
