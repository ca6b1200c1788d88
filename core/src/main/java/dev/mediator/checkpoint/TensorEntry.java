package dev.mediator.checkpoint;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor of a file.
 *
 * @param name the tensor's name
 * @param dtype element type
 * @param shape sizes, row-major
 */
public record TensorEntry(String name, DType dtype, List<Long> shape) {
    public TensorEntry {
        shape = List.copyOf(shape);
    }

    /** Sizes as an array. */
    public long[] sizes() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** Number of elements. */
    public long numel() {
        return Shapes.numel(sizes());
    }

    @Override
    public String toString() {
        return name + " " + dtype + Arrays.toString(sizes());
    }
}
