package dev.mediator.checkpoint.pickle;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The machine's values, and the marks from which a container's elements lie on top. */
final class PickleStack {
    private static final int MOST_VALUES = 1_000_000;
    private static final int MOST_MARKS = 1000;

    private @Nullable Object[] values = new Object[256];
    private int size;
    private final int[] marks = new int[MOST_MARKS];
    private int markCount;

    void push(@Nullable Object value) throws PickleException {
        if (size == MOST_VALUES) {
            throw new PickleException("it nests or lists more than " + MOST_VALUES + " values at once");
        }
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.min(MOST_VALUES, 2 * size));
        }
        values[size++] = value;
    }

    @Nullable
    Object pop() throws PickleException {
        requireValues(1);
        Object value = values[--size];
        values[size] = null;
        return value;
    }

    @Nullable
    Object top() throws PickleException {
        requireValues(1);
        return values[size - 1];
    }

    void mark() throws PickleException {
        if (markCount == MOST_MARKS) {
            throw new PickleException("it nests deeper than " + MOST_MARKS);
        }
        marks[markCount++] = size;
    }

    /** Takes the last mark away and the values above it. */
    Tuple popMarked() throws PickleException {
        if (markCount == 0) {
            throw new PickleException("it closes a container that it never opened");
        }
        return take(marks[--markCount]);
    }

    /** Takes the last values. */
    Tuple popLast(int count) throws PickleException {
        requireValues(count);
        return take(size - count);
    }

    private Tuple take(int first) {
        Tuple taken = Tuple.wrap(Arrays.copyOfRange(values, first, size));
        Arrays.fill(values, first, size, null);
        size = first;
        return taken;
    }

    /** Values belong to the container whose mark they lie above; nothing reaches below it. */
    private void requireValues(int count) throws PickleException {
        int floor = markCount == 0 ? 0 : marks[markCount - 1];
        if (size - floor < count) {
            throw new PickleException("it takes a value that it never made");
        }
    }
}
