package dev.mediator.checkpoint.pickle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The opcodes that gather values of the stack in tuples, lists, dictionaries and sets. */
final class PickleContainers {
    private static final int LONGEST_KEY = 4096;
    private static final int MOST_KEY_ELEMENTS = 16;

    private final PickleStack stack;
    private final PickleBudget budget;

    PickleContainers(PickleStack stack, PickleBudget budget) {
        this.stack = stack;
        this.budget = budget;
    }

    /** Executes the opcode if it is one of these. */
    boolean handle(int opcode) throws PickleException {
        switch (opcode) {
            case Opcode.MARK -> stack.mark();
            case Opcode.POP -> stack.pop();
            case Opcode.POP_MARK -> stack.popMarked();
            case Opcode.DUP -> stack.push(stack.top());
            case Opcode.EMPTY_TUPLE -> pushTuple(Tuple.of());
            case Opcode.TUPLE1 -> pushTuple(stack.popLast(1));
            case Opcode.TUPLE2 -> pushTuple(stack.popLast(2));
            case Opcode.TUPLE3 -> pushTuple(stack.popLast(3));
            case Opcode.TUPLE -> pushTuple(stack.popMarked());
            case Opcode.EMPTY_LIST -> {
                budget.chargeList(0);
                stack.push(new ArrayList<@Nullable Object>(0));
            }
            case Opcode.APPEND -> append(stack.pop());
            case Opcode.APPENDS -> appendAll(stack.popMarked());
            case Opcode.EMPTY_DICT -> stack.push(newMap(budget));
            case Opcode.SETITEM -> setItem(stack.pop());
            case Opcode.SETITEMS -> setItems(stack.popMarked());
            case Opcode.EMPTY_SET -> stack.push(newSet(List.of(), budget));
            case Opcode.ADDITEMS -> addItems(stack.popMarked());
            case Opcode.FROZENSET -> stack.push(newSet(stack.popMarked(), budget));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void pushTuple(Tuple tuple) throws PickleException {
        budget.chargeList(tuple.size());
        stack.push(tuple);
    }

    private void append(@Nullable Object element) throws PickleException {
        budget.charge(PickleBudget.LIST_ELEMENT);
        list().add(element);
    }

    private void appendAll(Tuple elements) throws PickleException {
        budget.charge((long) PickleBudget.LIST_ELEMENT * elements.size());
        list().addAll(elements);
    }

    @SuppressWarnings("unchecked") // lists of the stack are made here only
    private List<@Nullable Object> list() throws PickleException {
        if (stack.top() instanceof OpaqueObject object) {
            return object.openElements(budget);
        }
        if (!(stack.top() instanceof ArrayList<?> list)) {
            throw new PickleException("it appends to " + Arguments.kind(stack.top()));
        }
        return (List<@Nullable Object>) list;
    }

    private void setItem(@Nullable Object value) throws PickleException {
        Object key = stack.pop();
        put(map(), key, value, budget);
    }

    private void setItems(Tuple items) throws PickleException {
        Map<@Nullable Object, @Nullable Object> map = map();
        if (items.size() % 2 != 0) {
            throw new PickleException("it has a dict with a key without a value");
        }
        for (int i = 0; i < items.size(); i += 2) {
            put(map, items.get(i), items.get(i + 1), budget);
        }
    }

    @SuppressWarnings("unchecked") // maps of the stack are made here only
    private Map<@Nullable Object, @Nullable Object> map() throws PickleException {
        if (stack.top() instanceof OpaqueObject object) {
            return object.openItems(budget);
        }
        if (!(stack.top() instanceof Map<?, ?> map)) {
            throw new PickleException("it sets items of " + Arguments.kind(stack.top()));
        }
        return (Map<@Nullable Object, @Nullable Object>) map;
    }

    @SuppressWarnings("unchecked") // sets of the stack are made here only
    private void addItems(Tuple elements) throws PickleException {
        if (stack.top() instanceof OpaqueObject) {
            appendAll(elements);
            return;
        }
        if (!(stack.top() instanceof Set<?> set)) {
            throw new PickleException("it adds to " + Arguments.kind(stack.top()));
        }
        addAll((Set<@Nullable Object>) set, elements, budget);
    }

    static Map<@Nullable Object, @Nullable Object> newMap(PickleBudget budget) throws PickleException {
        budget.chargeMap(0);
        return new LinkedHashMap<>();
    }

    static void put(
            Map<@Nullable Object, @Nullable Object> map,
            @Nullable Object key,
            @Nullable Object value,
            PickleBudget budget)
            throws PickleException {
        budget.charge(PickleBudget.MAP_ENTRY);
        map.put(requireKey(key, budget), value);
    }

    static Set<@Nullable Object> newSet(List<?> elements, PickleBudget budget) throws PickleException {
        budget.chargeMap(0);
        Set<@Nullable Object> set = new LinkedHashSet<>();
        addAll(set, elements, budget);
        return set;
    }

    private static void addAll(Set<@Nullable Object> set, List<?> elements, PickleBudget budget)
            throws PickleException {
        for (Object element : elements) {
            budget.charge(PickleBudget.MAP_ENTRY);
            set.add(requireKey(element, budget));
        }
    }

    /** Hashing and comparing a key must take no time: long text and deep tuples could be made to take forever. */
    private static @Nullable Object requireKey(@Nullable Object key, PickleBudget budget) throws PickleException {
        if (key instanceof Set<?> set && set.size() <= MOST_KEY_ELEMENTS) {
            return new OpaqueObject("builtins.frozenset", Tuple.of(set.toArray()), budget);
        } else if (key instanceof Tuple tuple && !isShort(tuple) && isShallow(tuple)) {
            return new OpaqueObject("builtins.tuple", tuple, budget); // is equal to itself only
        }
        if (!isScalar(key) && !(key instanceof Tuple tuple && isShort(tuple))) {
            throw new PickleException("it has a dict or set with the key " + Arguments.kind(key)
                    + "; keys are numbers, text of at most " + LONGEST_KEY + " characters, and short tuples of those");
        }
        return key;
    }

    private static boolean isShort(Tuple tuple) {
        return tuple.size() <= MOST_KEY_ELEMENTS && tuple.stream().allMatch(PickleContainers::isScalar);
    }

    private static boolean isShallow(Tuple tuple) {
        return tuple.size() <= MOST_KEY_ELEMENTS
                && tuple.stream().allMatch(e -> isScalar(e) || (e instanceof Tuple inner && isShort(inner)));
    }

    private static boolean isScalar(@Nullable Object key) {
        return key == null
                || key instanceof Long
                || key instanceof Double
                || key instanceof Boolean
                || key instanceof BigInteger
                || key instanceof byte[]
                || key instanceof PickleGlobal
                || key instanceof OpaqueObject
                || (key instanceof String text && text.length() <= LONGEST_KEY);
    }
}
