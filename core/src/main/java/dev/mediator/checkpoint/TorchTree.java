package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Namespace;
import dev.mediator.checkpoint.pickle.NumpyArray;
import dev.mediator.checkpoint.pickle.PickleException;
import dev.mediator.checkpoint.pickle.PickleGlobal;
import dev.mediator.checkpoint.pickle.Quoted;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Walks over a saved object and names what it finds by the path to it: the keys, indices and attributes with dots
 * between them, as the names of a {@code state_dict} have them. Tensors are kept as such, everything else as text.
 *
 * <p>A structure that contains itself would go on forever, and one whose parts are used again and again can have more
 * paths than there are atoms: depth, paths and the text for them are limited.
 */
final class TorchTree {
    private static final int MOST_LEVELS = 64;
    private static final int MOST_PATHS = 1 << 18;
    private static final int MOST_CHARACTERS = 8 << 20;
    private static final int MOST_VISITS = 1 << 24;
    private static final int MOST_SHOWN = 64;

    private final Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> values = new LinkedHashMap<>();
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

    /** Path → anything else, as text. */
    Map<String, String> values() {
        return values;
    }

    private void walk(String path, @Nullable Object value, int level) throws PickleException {
        if (level > MOST_LEVELS) {
            throw new PickleException("it nests deeper than " + MOST_LEVELS + ", or contains itself");
        }
        count(path.length());
        if (value instanceof TorchTensor tensor) {
            add(tensors, path.isEmpty() ? "tensor" : path, tensor);
        } else if (value instanceof Map<?, ?> map) {
            walk(path, map, level);
        } else if (value instanceof Namespace namespace) {
            walk(path, namespace.attributes(), level);
        } else if (value instanceof Collection<?> list && !isFlat(list)) {
            int index = 0;
            for (Object element : list) {
                walk(join(path, String.valueOf(index++)), element, level + 1);
            }
        } else {
            String text = value instanceof Collection<?> list ? flat(list) : text(value);
            count(text.length());
            add(values, path.isEmpty() ? "value" : path, text);
        }
    }

    private void walk(String path, Map<?, ?> map, int level) throws PickleException {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String key = entry.getKey() instanceof Collection<?> tuple ? flat(tuple) : text(entry.getKey());
            walk(join(path, key), entry.getValue(), level + 1);
        }
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static <T> void add(Map<String, T> found, String path, T value) throws PickleException {
        if (found.put(path, value) != null) {
            throw new PickleException("two of its values have the name " + Quoted.of(path));
        }
    }

    private void count(int length) throws PickleException {
        characters += length;
        if (++paths > MOST_PATHS || characters > MOST_CHARACTERS) {
            throw new PickleException("it describes more than " + MOST_PATHS + " values, or contains itself");
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
                        || e instanceof TorchTensor
                        || e instanceof NumpyArray);
    }

    private static String flat(Collection<?> list) {
        return list.stream().limit(MOST_SHOWN).map(TorchTree::text).collect(Collectors.joining(", ", "[", ""))
                + (list.size() > MOST_SHOWN ? ", … " + list.size() + " values]" : "]");
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
        } else if (value instanceof TorchStorage storage) {
            return storage.type().name() + "[" + storage.numel() + "]";
        }
        return String.valueOf(value);
    }
}
