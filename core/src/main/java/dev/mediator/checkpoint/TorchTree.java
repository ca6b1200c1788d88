package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Namespace;
import dev.mediator.checkpoint.pickle.NumpyArray;
import dev.mediator.checkpoint.pickle.OpaqueObject;
import dev.mediator.checkpoint.pickle.PickleException;
import dev.mediator.checkpoint.pickle.PickleGlobal;
import dev.mediator.checkpoint.pickle.Quoted;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Walks over a saved object and names what it finds by the path to it: the keys, indices and attributes with dots
 * between them, as the names of a {@code state_dict} have them. Tensors are kept as such, everything else as text.
 *
 * <p>A structure that contains itself would go on forever: what is above it is not walked again, nor what nests deep; both become a
 * text. One whose parts are used again and again can have more paths than there are atoms: paths and the text for them are limited.
 */
final class TorchTree {
    private static final int MOST_LEVELS = 64;
    private static final int MOST_PATHS = 1 << 18;
    private static final int MOST_CHARACTERS = 8 << 20;
    private static final int MOST_VISITS = 1 << 24;
    private static final int MOST_SHOWN = 64;

    private final Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    private final Map<String, RefusedTensor> refused = new LinkedHashMap<>();
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Set<Object> above = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<OpaqueObject> shown = Collections.newSetFromMap(new IdentityHashMap<>());
    private int paths;
    private long characters;
    private long visits;

    private TorchTree() {}

    /** Everything below an object. */
    static TorchTree of(@Nullable Object root) throws PickleException {
        TorchTree tree = new TorchTree();
        tree.walk("", root, 0);
        return tree;
    }

    /** Path → tensor; of a file that is one tensor only, under the name {@code tensor}. */
    Map<String, TorchTensor> tensors() {
        return tensors;
    }

    /** Path → tensor that is not read; they are among the values, too. */
    Map<String, RefusedTensor> refused() {
        return refused;
    }

    /** Path → anything else, as text. */
    Map<String, String> values() {
        return values;
    }

    private void walk(String path, @Nullable Object value, int level) throws PickleException {
        count(path.length());
        if (value instanceof TorchTensor tensor) {
            addTensor(path.isEmpty() ? "tensor" : path, tensor);
        } else if (value instanceof RefusedTensor tensor) {
            refused.put(path.isEmpty() ? "tensor" : path, tensor);
            addValue(path.isEmpty() ? "tensor" : path, tensor.toString());
        } else if (value instanceof Collection
                || value instanceof Map
                || value instanceof Namespace
                || value instanceof OpaqueObject) {
            if (level > MOST_LEVELS) {
                addValue(path, "… (nests deeper than " + MOST_LEVELS + ")");
            } else if (value instanceof OpaqueObject) {
                walkContainer(path, value, level);
            } else if (!above.add(value)) {
                addValue(path.isEmpty() ? "value" : path, "… (contains itself)");
            } else {
                walkContainer(path, value, level);
                above.remove(value);
            }
        } else {
            addValue(path.isEmpty() ? "value" : path, text(value));
        }
    }

    private void walkContainer(String path, Object value, int level) throws PickleException {
        if (value instanceof Map<?, ?> map) {
            walk(path, map, level);
        } else if (value instanceof Namespace namespace) {
            walk(path, namespace.attributes(), level);
        } else if (value instanceof OpaqueObject object) {
            walk(path, object, level);
        } else if (value instanceof Collection<?> list && !isFlat(list)) {
            int index = 0;
            for (Object element : list) {
                walk(join(path, String.valueOf(index++)), element, level + 1);
            }
        } else if (value instanceof Collection<?> list) {
            addValue(path.isEmpty() ? "value" : path, flat(list));
        }
    }

    private void walk(String path, Map<?, ?> map, int level) throws PickleException {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String key = entry.getKey() instanceof Collection<?> tuple ? flat(tuple) : text(entry.getKey());
            walk(join(path, key), entry.getValue(), level + 1);
        }
    }

    /**
     * An object of an unknown class: its name as a value, and what it holds below it. Such objects often refer to each
     * other in a circle, so each is shown once.
     */
    private void walk(String path, OpaqueObject object, int level) throws PickleException {
        if (object.state() instanceof Map<?, ?> state && state.get("_modules") instanceof Map<?, ?> modules) {
            addValue(path.isEmpty() ? "class" : path, text(object));
            walkModule(path, state, modules, level);
            return;
        }
        if (object.name().startsWith("omegaconf.") && object.state() instanceof Map<?, ?> state) {
            Object content = state.containsKey("_val") ? state.get("_val") : state.get("_content");
            if (state.containsKey("_val") || state.containsKey("_content")) {
                walk(path, content, level + 1); // the rest tells of types and parents
                return;
            }
        }
        addValue(path.isEmpty() ? "class" : path, text(object));
        if (!shown.add(object)) {
            return;
        }
        int index = 0;
        for (Object argument : object.arguments()) {
            walkPart(join(path, String.valueOf(index++)), argument, level);
        }
        for (Object element : object.elements()) {
            walkPart(join(path, String.valueOf(index++)), element, level);
        }
        walk(path, object.items(), level);
        if (object.state() instanceof Map<?, ?> state) {
            walk(path, state, level);
        } else if (object.state() instanceof Collection<?> parts) { // attributes and slots
            for (Object part : parts) {
                if (part instanceof Map<?, ?> map) {
                    walk(path, map, level);
                } else {
                    walkPart(join(path, String.valueOf(index++)), part, level);
                }
            }
        }
    }

    /** What the text of the object does not show already. */
    private void walkPart(String path, @Nullable Object part, int level) throws PickleException {
        boolean isPlain = part == null
                || part instanceof String
                || part instanceof Number
                || part instanceof Boolean
                || part instanceof PickleGlobal;
        if (!isPlain) {
            walk(path, part, level + 1);
        }
    }

    /** A whole {@code torch.nn.Module}: its tensors by the names that {@code state_dict()} gives them. */
    private void walkModule(String path, Map<?, ?> state, Map<?, ?> modules, int level) throws PickleException {
        Object passing = state.get("_non_persistent_buffers_set");
        for (String kind : List.of("_parameters", "_buffers")) {
            if (state.get(kind) instanceof Map<?, ?> tensorsOfKind) {
                for (Map.Entry<?, ?> entry : tensorsOfKind.entrySet()) {
                    boolean isStored = !(passing instanceof Collection<?> names && names.contains(entry.getKey()));
                    boolean isTensor =
                            entry.getValue() instanceof TorchTensor || entry.getValue() instanceof RefusedTensor;
                    if (isTensor && isStored) {
                        walk(join(path, text(entry.getKey())), entry.getValue(), level + 1);
                    }
                }
            }
        }
        walk(path, modules, level);
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private void addTensor(String path, TorchTensor tensor) throws PickleException {
        if (tensors.put(path, tensor) != null) {
            throw new PickleException("two of its tensors have the name " + Quoted.of(path));
        }
    }

    /** Keys such as 1 and "1" look alike; of values that only tell something, the second gets another name. */
    private void addValue(String path, String text) throws PickleException {
        count(text.length());
        String name = path;
        for (int i = 2; values.containsKey(name); i++) {
            count(path.length());
            name = path + " (" + i + ")";
        }
        values.put(name, text);
    }

    private void count(int length) throws PickleException {
        characters += length;
        if (++paths > MOST_PATHS || characters > MOST_CHARACTERS) {
            throw new PickleException("it describes more than " + MOST_PATHS + " values");
        }
    }

    /** True for lists of plain values, which are shown in one line. */
    private boolean isFlat(Collection<?> list) throws PickleException {
        visits += list.size();
        if (visits > MOST_VISITS) {
            throw new PickleException("it describes more than " + MOST_VISITS + " values in lists");
        }
        return list.stream()
                .noneMatch(e -> e instanceof Collection
                        || e instanceof Map
                        || e instanceof Namespace
                        || e instanceof OpaqueObject
                        || e instanceof TorchTensor
                        || e instanceof RefusedTensor
                        || e instanceof NumpyArray);
    }

    private static String flat(Collection<?> list) {
        return list.stream().limit(MOST_SHOWN).map(TorchTree::text).collect(Collectors.joining(", ", "[", ""))
                + (list.size() > MOST_SHOWN ? ", … " + list.size() + " values]" : "]");
    }

    private static String argument(@Nullable Object value) {
        return value instanceof OpaqueObject object ? object.name() : text(value);
    }

    private static String text(@Nullable Object value) {
        if (value == null) {
            return "None";
        } else if (value instanceof byte[] bytes) {
            return bytes.length + " bytes";
        } else if (value instanceof NumpyArray array) {
            return array.type() + Arrays.toString(array.shape()) + " " + flat(array.values());
        } else if (value instanceof PickleGlobal global) {
            return global.name();
        } else if (value instanceof OpaqueObject object) {
            return object.name()
                    + object.arguments().stream()
                            .map(TorchTree::argument)
                            .limit(MOST_SHOWN)
                            .collect(Collectors.joining(", ", "(", ")"));
        } else if (value instanceof Collection || value instanceof Map) {
            return "…";
        } else if (value instanceof TorchStorage storage) {
            return storage.type().name() + "[" + storage.numel() + "]";
        }
        return String.valueOf(value);
    }
}
