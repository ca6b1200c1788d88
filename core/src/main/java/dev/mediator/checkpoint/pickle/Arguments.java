package dev.mediator.checkpoint.pickle;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call, each read as what it must be.
 *
 * @param function the function's name, for messages
 * @param values the arguments
 * @param budget what pays for copies
 */
public record Arguments(String function, Tuple values, PickleBudget budget) {
    private static final int MOST_SIZES = 64;

    /** Checks how many there are. */
    public void requireCount(int least, int most) throws PickleException {
        if (values.size() < least || values.size() > most) {
            throw new PickleException(function + " is called with " + values.size() + " arguments, expected are "
                    + least + (least == most ? "" : " to " + most));
        }
    }

    /** An argument of a class. */
    public <T> T get(int index, Class<T> type, String expected) throws PickleException {
        Object value = index < values.size() ? values.get(index) : null;
        if (!type.isInstance(value)) {
            throw new PickleException(
                    "argument " + (index + 1) + " of " + function + " is " + kind(value) + ", expected is " + expected);
        }
        return type.cast(value);
    }

    /** An integer. */
    public long integer(int index) throws PickleException {
        return get(index, Long.class, "an integer");
    }

    /** A tuple of at most 64 integers that are not negative: sizes or strides. */
    public long[] naturals(int index) throws PickleException {
        List<?> list = get(index, List.class, "a tuple of integers");
        if (list.size() > MOST_SIZES) {
            throw new PickleException(function + " gets " + list.size() + " dimensions, allowed are " + MOST_SIZES);
        }
        long[] numbers = new long[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!(list.get(i) instanceof Long number) || number < 0) {
                throw new PickleException(
                        "argument " + (index + 1) + " of " + function + " holds what is not a natural number");
            }
            numbers[i] = number;
        }
        return numbers;
    }

    /** What the call stands for if it is not understood. */
    OpaqueObject opaque() throws PickleException {
        return new OpaqueObject(function, values, budget);
    }

    /** What a value is, in Python's words. */
    static String kind(@Nullable Object value) {
        if (value == null) {
            return "None";
        } else if (value instanceof PickleGlobal global) {
            return global.name();
        }
        return value instanceof Map
                ? "a dict"
                : value instanceof Tuple
                        ? "a tuple"
                        : value instanceof List
                                ? "a list"
                                : value instanceof Set
                                        ? "a set"
                                        : "a " + value.getClass().getSimpleName();
    }
}
