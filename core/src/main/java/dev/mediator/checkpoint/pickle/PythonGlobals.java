package dev.mediator.checkpoint.pickle;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What pickles name of Python's own library: containers, bytes and namespaces. */
public final class PythonGlobals {
    private static final Map<String, PickleGlobal> GLOBALS = globals();

    private PythonGlobals() {}

    /** What a full name stands for, or null. */
    public static @Nullable PickleGlobal find(String fullName) {
        return GLOBALS.get(fullName);
    }

    private static Map<String, PickleGlobal> globals() {
        Map<String, PickleGlobal> globals = new HashMap<>();
        define(globals, "collections.OrderedDict", PythonGlobals::orderedDict);
        define(globals, "collections.defaultdict", PythonGlobals::defaultDict);
        define(globals, "collections.Counter", PythonGlobals::counter);
        define(globals, "_codecs.encode", PythonGlobals::encode);
        define(globals, "argparse.Namespace", PythonGlobals::namespace);
        define(globals, "types.SimpleNamespace", PythonGlobals::namespace);
        for (String module : List.of("builtins.", "__builtin__.")) {
            define(globals, module + "set", PythonGlobals::set);
            define(globals, module + "frozenset", PythonGlobals::set);
            define(globals, module + "bytes", PythonGlobals::bytes);
            define(globals, module + "bytearray", PythonGlobals::bytes);
            define(globals, module + "getattr", PythonGlobals::attribute);
        }
        return Map.copyOf(globals);
    }

    private static void define(Map<String, PickleGlobal> globals, String name, PickleFunction.Body body) {
        globals.put(name, new PickleFunction(name, body));
    }

    /** Python 3 sets the items afterwards, Python 2 hands over a list of pairs. */
    private static Object orderedDict(Arguments arguments) throws PickleException {
        arguments.requireCount(0, 1);
        var map = PickleContainers.newMap(arguments.budget());
        if (arguments.values().size() == 1) {
            for (Object item : arguments.get(0, List.class, "a list of pairs")) {
                if (!(item instanceof List<?> pair) || pair.size() != 2) {
                    throw new PickleException("an OrderedDict in it is not made of pairs");
                }
                PickleContainers.put(map, pair.get(0), pair.get(1), arguments.budget());
            }
        }
        return map;
    }

    /** The factory of missing values is left out. */
    private static Object defaultDict(Arguments arguments) throws PickleException {
        arguments.requireCount(0, 1);
        return PickleContainers.newMap(arguments.budget());
    }

    private static Object counter(Arguments arguments) throws PickleException {
        arguments.requireCount(0, 1);
        var map = PickleContainers.newMap(arguments.budget());
        if (arguments.values().size() == 1) {
            Map<?, ?> counts = arguments.get(0, Map.class, "a dict");
            for (Map.Entry<?, ?> count : counts.entrySet()) {
                PickleContainers.put(map, count.getKey(), count.getValue(), arguments.budget());
            }
        }
        return map;
    }

    private static Object set(Arguments arguments) throws PickleException {
        arguments.requireCount(0, 1);
        List<?> elements = arguments.values().isEmpty() ? List.of() : arguments.get(0, List.class, "a list");
        return PickleContainers.newSet(elements, arguments.budget());
    }

    /** How protocol 2, which has no bytes, writes them: as text of the characters 0 to 255. */
    private static Object encode(Arguments arguments) throws PickleException {
        arguments.requireCount(2, 2);
        return latin1(arguments);
    }

    /** Empty bytes, bytes as text, or bytes as bytes. */
    private static Object bytes(Arguments arguments) throws PickleException {
        arguments.requireCount(0, 2);
        if (arguments.values().isEmpty()) {
            return new byte[0];
        }
        return arguments.values().size() == 1 ? arguments.get(0, byte[].class, "bytes") : latin1(arguments);
    }

    private static byte[] latin1(Arguments arguments) throws PickleException {
        String text = arguments.get(0, String.class, "text");
        String encoding = arguments.get(1, String.class, "an encoding");
        if (!encoding.equals("latin1") && !encoding.equals("latin-1")) {
            throw new PickleException("it encodes text as " + Quoted.of(encoding) + ", allowed is latin1");
        }
        arguments.budget().charge(PickleBudget.OBJECT + text.length());
        if (text.chars().anyMatch(c -> c > 0xff)) {
            throw new PickleException("it encodes text as latin1 that is not");
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Attributes come afterwards. */
    private static Object namespace(Arguments arguments) throws PickleException {
        arguments.requireCount(0, 0);
        return new Namespace();
    }

    /** How an enum's value and a bound method are named; an attribute of anything else has no place in data. */
    private static Object attribute(Arguments arguments) throws PickleException {
        Object owner = arguments.values().isEmpty() ? null : arguments.values().get(0);
        if (!(owner instanceof PickleGlobal) && !(owner instanceof OpaqueObject)) {
            throw new PickleException("it asks for builtins.getattr of " + Arguments.kind(owner)
                    + ", which a file of tensors does not need; nothing of it was run");
        }
        arguments.requireCount(2, 3);
        String attribute = arguments.get(1, String.class, "text");
        String name = owner instanceof OpaqueObject object ? object.name() : Arguments.kind(owner);
        arguments.budget().charge(PickleBudget.TEXT + 2L * (name.length() + attribute.length()));
        return new OpaqueName(name + "." + attribute);
    }
}
