package dev.mediator.checkpoint.pickle;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A NumPy array of plain numbers, as checkpoints have them in states of random generators and in statistics.
 *
 * <p>For one thread at a time: that which reads the file.
 */
public final class NumpyArray implements PickleObject {
    private @Nullable NumpyType type;
    private long[] shape = {0};
    private boolean columnMajor;
    private byte[] bytes = {};
    private @Nullable String otherType;

    NumpyArray() {}

    /** NumPy's code of the element type, such as {@code f8}; with {@code >} before it if it is big-endian. */
    public String type() {
        return type != null ? type.toString() : otherType != null ? otherType : "b1";
    }

    /** Sizes. */
    public long[] shape() {
        return shape.clone();
    }

    /** The elements in row-major order, whatever the order in the file: Long, BigInteger, Double or Boolean. */
    public List<Object> values() {
        NumpyType elementType = type;
        if (elementType == null) {
            return List.of();
        }
        int count = bytes.length / elementType.bytes();
        return new AbstractList<>() {
            @Override
            public Object get(int index) {
                int stored = columnMajor ? columnMajorIndex(index) : index;
                return elementType.decode(bytes, stored * elementType.bytes());
            }

            @Override
            public int size() {
                return count;
            }
        };
    }

    /** The state is (version, shape, element type, column-major?, bytes). */
    @Override
    public void build(@Nullable Object state, PickleBudget budget) throws PickleException {
        if (!(state instanceof Tuple fields)) {
            throw new PickleException("it has a NumPy array without content");
        }
        Arguments arguments = new Arguments("numpy.ndarray", fields, budget);
        arguments.requireCount(5, 5);
        if (fields.get(2) instanceof OpaqueObject opaque) {
            otherType = opaque.arguments().get(0) instanceof String code ? code : "object"; // or text, dates
            shape = arguments.naturals(1);
            return;
        }
        fill(
                arguments.get(2, NumpyType.class, "a numpy.dtype"),
                arguments.naturals(1),
                arguments.get(3, Boolean.class, "a flag"),
                arguments.get(4, byte[].class, "bytes"));
    }

    void fill(NumpyType elementType, long[] sizes, boolean fortran, byte[] content) throws PickleException {
        boolean empty = Arrays.stream(sizes).anyMatch(size -> size == 0);
        long count = empty ? 0 : 1;
        for (long size : sizes) {
            // Bounded before each product, so that none overflows.
            if (count * Math.min(size, Integer.MAX_VALUE) > content.length) {
                throw new PickleException("it has a NumPy array of shape " + Arrays.toString(sizes) + " of only "
                        + content.length + " bytes");
            }
            count *= size;
        }
        if (count * elementType.bytes() != content.length) {
            throw new PickleException("it has a NumPy array " + elementType + Arrays.toString(sizes) + " of "
                    + content.length + " bytes");
        }
        type = elementType;
        shape = sizes;
        columnMajor = fortran;
        bytes = content;
    }

    private int columnMajorIndex(int rowMajorIndex) {
        int[] position = new int[shape.length];
        for (int d = shape.length - 1, rest = rowMajorIndex; d >= 0; d--) {
            position[d] = (int) (rest % shape[d]);
            rest /= (int) shape[d];
        }
        int index = 0;
        for (int d = shape.length - 1; d >= 0; d--) {
            index = (int) (index * shape[d]) + position[d];
        }
        return index;
    }
}
