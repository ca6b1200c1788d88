package dev.mediator.checkpoint.pickle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pickle makes of a class or function that is not known here, such as a {@code PosixPath}, a {@code datetime} or an
 * object of somebody's training: the name, the arguments and the content, as values. Nothing is called to make it.
 *
 * <p>For one thread at a time: that which reads the file.
 */
public final class OpaqueObject implements PickleObject {
    private final String name;
    private final Tuple arguments;
    private @Nullable Object state;
    private @Nullable Map<@Nullable Object, @Nullable Object> items;
    private @Nullable List<@Nullable Object> elements;

    OpaqueObject(String name, Tuple arguments, PickleBudget budget) throws PickleException {
        budget.charge(PickleBudget.MAP);
        this.name = name;
        this.arguments = arguments;
    }

    /** Module and name of the class or function. */
    public String name() {
        return name;
    }

    /** What it would have been called with. */
    public List<@Nullable Object> arguments() {
        return arguments;
    }

    /** What its attributes would have been set from, usually a map. */
    public @Nullable Object state() {
        return state;
    }

    /** What it holds as a dictionary. */
    public Map<@Nullable Object, @Nullable Object> items() {
        return items == null ? Map.of() : Collections.unmodifiableMap(items);
    }

    /** What it holds as a list or set. */
    public List<@Nullable Object> elements() {
        return elements == null ? List.of() : Collections.unmodifiableList(elements);
    }

    @Override
    public void build(@Nullable Object newState, PickleBudget budget) {
        state = newState;
    }

    Map<@Nullable Object, @Nullable Object> openItems(PickleBudget budget) throws PickleException {
        if (items == null) {
            budget.chargeMap(0);
            items = new LinkedHashMap<>();
        }
        return items;
    }

    List<@Nullable Object> openElements(PickleBudget budget) throws PickleException {
        if (elements == null) {
            budget.chargeList(0);
            elements = new ArrayList<>(0);
        }
        return elements;
    }

    @Override
    public String toString() {
        return name;
    }
}
