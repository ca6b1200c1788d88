package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleException;
import dev.mediator.tensor.DType;
import java.util.Arrays;

/**
 * A tensor as a PyTorch file describes it: a strided view of a storage. {@link TorchFile#tensor} makes it one that can
 * be computed with.
 */
public final class TorchTensor {
    private final TorchStorage storage;
    private final DType dtype;
    private final long offset;
    private final long[] sizes;
    private final long[] strides;

    /**
     * Checks that every element lies in the storage.
     *
     * @param offset first element in the storage's part, counted in elements of {@code dtype}
     */
    TorchTensor(TorchStorage storage, DType dtype, long offset, long[] sizes, long[] strides) throws PickleException {
        this.storage = storage;
        this.dtype = dtype;
        this.offset = offset;
        this.sizes = sizes;
        this.strides = strides;
        if (sizes.length != strides.length || !fits()) {
            throw new PickleException("it has a tensor with sizes " + Arrays.toString(sizes) + ", strides "
                    + Arrays.toString(strides) + " and offset " + offset + " on a storage of " + storage.numel()
                    + " elements");
        }
    }

    private boolean fits() {
        try {
            long last = offset;
            long numel = 1;
            for (int d = 0; d < sizes.length; d++) {
                numel = Math.multiplyExact(numel, sizes[d]);
                last = Math.addExact(last, Math.multiplyExact(Math.max(0, sizes[d] - 1), strides[d]));
            }
            long available = storage.numel() * storage.type().dtype().bytes() / dtype.bytes();
            Math.multiplyExact(numel, (long) dtype.bytes());
            return offset >= 0 && (numel == 0 || last < available);
        } catch (ArithmeticException e) {
            return false;
        }
    }

    TorchStorage storage() {
        return storage;
    }

    /** Element type. */
    public DType dtype() {
        return dtype;
    }

    /** First element in the storage. */
    long offset() {
        return offset;
    }

    /** Sizes. */
    public long[] sizes() {
        return sizes.clone();
    }

    /** Steps in the storage between neighbours, in elements. */
    public long[] strides() {
        return strides.clone();
    }

    /** Number of elements. */
    public long numel() {
        return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }

    /** Bytes that its elements take when none are shared. */
    long bytes() {
        return numel() * dtype.bytes();
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(sizes);
    }
}
