package dev.mediator.checkpoint.pickle;

import java.util.AbstractList;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** A Python tuple: a list that does not change. */
public final class Tuple extends AbstractList<@Nullable Object> implements RandomAccess {
    private final @Nullable Object[] elements;

    private Tuple(@Nullable Object[] elements) {
        this.elements = elements;
    }

    /** A tuple of these. */
    public static Tuple of(@Nullable Object... elements) {
        return new Tuple(elements.clone());
    }

    /** A tuple of an array that nobody changes any more. */
    static Tuple wrap(@Nullable Object[] elements) {
        return new Tuple(elements);
    }

    @Override
    public @Nullable Object get(int index) {
        return elements[index];
    }

    @Override
    public int size() {
        return elements.length;
    }
}
