package dev.mediator.checkpoint.pickle;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Values that a pickle refers to again, by number. */
final class PickleMemo {
    private static final int MOST = 1 << 20;
    private static final Object UNSET = new Object();

    private @Nullable Object[] values = new Object[0];
    private int count;

    /** Remembers a value under the next number, as the opcode {@code MEMOIZE} does. */
    void add(@Nullable Object value) throws PickleException {
        put(count, value);
    }

    void put(long index, @Nullable Object value) throws PickleException {
        if (index < 0 || index >= MOST) {
            throw new PickleException("it remembers more than " + MOST + " values");
        }
        if (index >= values.length) {
            int old = values.length;
            values = Arrays.copyOf(values, (int) Math.min(MOST, Math.max(index + 1, 2L * old)));
            Arrays.fill(values, old, values.length, UNSET);
        }
        if (values[(int) index] == UNSET) {
            count++;
        }
        values[(int) index] = value;
    }

    @Nullable
    Object get(long index) throws PickleException {
        if (index < 0 || index >= values.length || values[(int) index] == UNSET) {
            throw new PickleException("it refers to value " + index + ", which it never made");
        }
        return values[(int) index];
    }
}
