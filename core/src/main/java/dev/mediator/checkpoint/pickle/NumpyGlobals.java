package dev.mediator.checkpoint.pickle;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What pickles name of NumPy: element types, scalars and arrays of plain numbers, under the names of NumPy 1 and 2. */
public final class NumpyGlobals {
    private static final Map<String, PickleGlobal> GLOBALS = globals();

    /** The class of arrays, an argument of the function that makes one. */
    private record ArrayClass(String name) implements PickleGlobal {}

    private NumpyGlobals() {}

    /** What a full name stands for, or null. */
    public static @Nullable PickleGlobal find(String fullName) {
        return GLOBALS.get(fullName);
    }

    private static Map<String, PickleGlobal> globals() {
        Map<String, PickleGlobal> globals = new HashMap<>();
        define(globals, "numpy.dtype", NumpyGlobals::elementType);
        globals.put("numpy.ndarray", new ArrayClass("numpy.ndarray"));
        for (String core : List.of("numpy.core.", "numpy._core.")) {
            define(globals, core + "multiarray.scalar", NumpyGlobals::scalar);
            define(globals, core + "multiarray._reconstruct", NumpyGlobals::array);
            define(globals, core + "numeric._frombuffer", NumpyGlobals::arrayOfBuffer);
        }
        return Map.copyOf(globals);
    }

    private static void define(Map<String, PickleGlobal> globals, String name, PickleFunction.Body body) {
        globals.put(name, new PickleFunction(name, body));
    }

    /** {@code dtype("f8", align, copy)}; the byte order comes afterwards. */
    private static Object elementType(Arguments arguments) throws PickleException {
        arguments.requireCount(1, 3);
        arguments.budget().charge(PickleBudget.OBJECT);
        return arguments.values().get(0) instanceof String code && NumpyType.isKnown(code)
                ? new NumpyType(code)
                : arguments.opaque();
    }

    private static Object scalar(Arguments arguments) throws PickleException {
        arguments.requireCount(2, 2);
        if (arguments.values().get(0) instanceof OpaqueObject) {
            return arguments.opaque();
        }
        NumpyType type = arguments.get(0, NumpyType.class, "a numpy.dtype");
        byte[] bytes = arguments.get(1, byte[].class, "bytes");
        if (bytes.length != type.bytes()) {
            throw new PickleException("it has a NumPy scalar " + type + " of " + bytes.length + " bytes");
        }
        arguments.budget().charge(PickleBudget.OBJECT);
        return type.decode(bytes, 0);
    }

    /** {@code _reconstruct(ndarray, (0,), b"b")}: an array whose content comes afterwards. */
    private static Object array(Arguments arguments) throws PickleException {
        arguments.requireCount(3, 3);
        if (!(arguments.values().get(0) instanceof ArrayClass)) {
            return arguments.opaque();
        }
        arguments.budget().charge(PickleBudget.MAP);
        return new NumpyArray();
    }

    /** {@code _frombuffer(bytes, dtype, shape, order)}, which protocol 5 has. */
    private static Object arrayOfBuffer(Arguments arguments) throws PickleException {
        arguments.requireCount(4, 4);
        if (arguments.values().get(1) instanceof OpaqueObject) {
            return arguments.opaque();
        }
        arguments.budget().charge(PickleBudget.MAP);
        NumpyArray array = new NumpyArray();
        array.fill(
                arguments.get(1, NumpyType.class, "a numpy.dtype"),
                arguments.naturals(2),
                "F".equals(arguments.values().get(3)),
                arguments.get(0, byte[].class, "bytes"));
        return array;
    }
}
