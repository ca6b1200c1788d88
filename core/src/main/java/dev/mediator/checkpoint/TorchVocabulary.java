package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Arguments;
import dev.mediator.checkpoint.pickle.NumpyGlobals;
import dev.mediator.checkpoint.pickle.PickleBudget;
import dev.mediator.checkpoint.pickle.PickleException;
import dev.mediator.checkpoint.pickle.PickleFunction;
import dev.mediator.checkpoint.pickle.PickleGlobal;
import dev.mediator.checkpoint.pickle.PickleVocabulary;
import dev.mediator.checkpoint.pickle.PythonGlobals;
import dev.mediator.checkpoint.pickle.Quoted;
import dev.mediator.checkpoint.pickle.Tuple;
import dev.mediator.tensor.DType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the pickles of PyTorch files may name, and the storages that they refer to. */
final class TorchVocabulary implements PickleVocabulary {
    private static final int TENSOR_BYTES = 240;
    private static final int LARGEST_ELEMENT = 16;
    private static final Map<String, PickleGlobal> GLOBALS = globals();

    private final PickleBudget budget;
    private final Map<String, TorchStorage> storages = new LinkedHashMap<>();

    TorchVocabulary(PickleBudget budget) {
        this.budget = budget;
    }

    /** The storages that the pickles referred to so far, by key. */
    Map<String, TorchStorage> storages() {
        return storages;
    }

    @Override
    public @Nullable PickleGlobal find(String fullName) throws PickleException {
        PickleGlobal global = GLOBALS.get(fullName);
        if (global == null) {
            global = PythonGlobals.find(fullName);
        }
        if (global == null) {
            global = NumpyGlobals.find(fullName);
        }
        return global == null ? RefusedTensors.find(fullName) : global;
    }

    private static Map<String, PickleGlobal> globals() {
        Map<String, PickleGlobal> globals = new HashMap<>();
        globals.putAll(TorchDType.BY_NAME);
        globals.putAll(TorchStorage.Type.BY_NAME);
        define(globals, "torch.Size", TorchVocabulary::size);
        define(globals, "torch.device", TorchVocabulary::device);
        define(globals, "torch._utils._rebuild_tensor", TorchVocabulary::typedTensor);
        define(globals, "torch._utils._rebuild_tensor_v2", TorchVocabulary::typedTensor);
        define(globals, "torch._utils._rebuild_tensor_v3", TorchVocabulary::untypedTensor);
        define(globals, "torch._utils._rebuild_parameter", TorchVocabulary::parameter);
        define(globals, "torch._utils._rebuild_parameter_with_state", TorchVocabulary::parameter);
        define(globals, "torch.nn.parameter.Parameter", TorchVocabulary::parameter);
        define(globals, "torch._utils._rebuild_device_tensor_from_cpu_tensor", TorchVocabulary::parameter);
        define(globals, "torch._tensor._rebuild_from_type_v2", TorchVocabulary::tensorOfAClass);
        define(globals, "torch._tensor._rebuild_from_type", TorchVocabulary::tensorOfAClass);
        return Map.copyOf(globals);
    }

    private static void define(Map<String, PickleGlobal> globals, String name, PickleFunction.Body body) {
        globals.put(name, new PickleFunction(name, body));
    }

    private static Object size(Arguments arguments) throws PickleException {
        arguments.requireCount(1, 1);
        arguments.naturals(0);
        return arguments.get(0, Tuple.class, "a tuple");
    }

    /** A device is where a tensor was, which says nothing here: its name. */
    private static Object device(Arguments arguments) throws PickleException {
        arguments.requireCount(1, 2);
        String type = arguments.get(0, String.class, "the name of a device");
        return arguments.values().size() == 1 ? type : type + ":" + arguments.integer(1);
    }

    /** (storage, offset, sizes, strides[, requires_grad, hooks[, bits]]): the element type is the storage's. */
    private static Object typedTensor(Arguments arguments) throws PickleException {
        arguments.requireCount(4, 7);
        TorchStorage storage = arguments.get(0, TorchStorage.class, "a storage");
        if (!storage.type().isTyped()) {
            throw new PickleException("it has a tensor without an element type");
        }
        return storage.type().isRefused()
                ? RefusedTensors.refused(arguments, storage.type().refusal())
                : tensor(arguments, storage.type().dtype(), 6);
    }

    /** (storage, offset, sizes, strides, requires_grad, hooks, dtype[, bits]) on a storage that counts bytes. */
    private static Object untypedTensor(Arguments arguments) throws PickleException {
        arguments.requireCount(7, 8);
        PickleGlobal type = arguments.get(6, PickleGlobal.class, "a torch.dtype"); // one that is new is a name only
        @Nullable DType dtype = type instanceof TorchDType known ? known.dtype().orElse(null) : null;
        return dtype == null ? RefusedTensors.ofType(arguments, type.name()) : tensor(arguments, dtype, 7);
    }

    /** Bits say that the numbers are to be negated or conjugated when they are read. */
    private static Object tensor(Arguments arguments, DType dtype, int bits) throws PickleException {
        if (arguments.values().size() > bits
                && arguments.values().get(bits) instanceof Map<?, ?> map
                && map.containsValue(true)) {
            return RefusedTensors.toBeResolved(arguments);
        }
        arguments.budget().charge(TENSOR_BYTES);
        return new TorchTensor(
                arguments.get(0, TorchStorage.class, "a storage"),
                dtype,
                arguments.integer(1),
                arguments.naturals(2),
                arguments.naturals(3));
    }

    /** (tensor, requires_grad, hooks[, state]) and similar: here a parameter is its tensor. */
    private static Object parameter(Arguments arguments) throws PickleException {
        arguments.requireCount(1, 4);
        return arguments.values().get(0) instanceof RefusedTensor refused
                ? refused
                : arguments.get(0, TorchTensor.class, "a tensor");
    }

    /** (function that makes the tensor, class, its arguments, attributes): a tensor with attributes is the tensor. */
    private static Object tensorOfAClass(Arguments arguments) throws PickleException {
        arguments.requireCount(4, 4);
        PickleFunction maker = arguments.get(0, PickleFunction.class, "a function that makes tensors");
        Tuple inner = arguments.get(2, Tuple.class, "a tuple");
        if (!maker.name().startsWith("torch._utils._rebuild_")) {
            throw new PickleException("it makes a tensor with " + Quoted.of(maker.name()));
        }
        return Objects.requireNonNull(maker.body().call(new Arguments(maker.name(), inner, arguments.budget())));
    }

    /**
     * A storage: {@code ("storage", class, key, device, elements)}, and before PyTorch 0.4 as a sixth {@code (key, first
     * element, elements)} for a part of one.
     */
    @Override
    public Object persistent(@Nullable Object id) throws PickleException {
        if (id instanceof Tuple module
                && module.size() == 4
                && module.get(1) instanceof PickleGlobal type
                && "module".equals(module.get(0))) {
            return type; // the class of a whole module, with its source text, which is left alone
        }
        if (!(id instanceof Tuple tuple) || tuple.size() < 5 || !"storage".equals(tuple.get(0))) {
            throw new PickleException("it refers to something outside of it that is no storage");
        }
        Arguments fields = new Arguments("a storage", tuple, budget);
        fields.requireCount(5, 6);
        TorchStorage.Type type = fields.get(1, TorchStorage.Type.class, "a storage class");
        String key = fields.get(2, String.class, "text");
        long numel = natural(fields.integer(4));
        TorchStorage whole = new TorchStorage(key, type, 0, numel, numel);
        budget.charge(TENSOR_BYTES);
        TorchStorage known = storages.putIfAbsent(key, whole);
        if (known != null && known.totalBytes() != whole.totalBytes()) {
            throw new PickleException("it gives storage " + Quoted.of(key) + " two sizes");
        }
        return tuple.size() == 5 || tuple.get(5) == null ? whole : part(whole, fields.get(5, Tuple.class, "a tuple"));
    }

    private TorchStorage part(TorchStorage whole, Tuple tuple) throws PickleException {
        Arguments fields = new Arguments("a part of a storage", tuple, budget);
        fields.requireCount(3, 3);
        long first = natural(fields.integer(1));
        long numel = natural(fields.integer(2));
        if (first > whole.total() - numel) {
            throw new PickleException("a part of storage " + Quoted.of(whole.key()) + " lies outside of it");
        }
        return new TorchStorage(whole.key(), whole.type(), first, numel, whole.total());
    }

    /** Small enough that the bytes of so many elements can be computed. */
    private static long natural(long count) throws PickleException {
        if (count < 0 || count > Long.MAX_VALUE / LARGEST_ELEMENT) {
            throw new PickleException("it claims a storage of " + count + " elements");
        }
        return count;
    }
}
