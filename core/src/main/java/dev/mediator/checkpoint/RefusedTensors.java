package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Arguments;
import dev.mediator.checkpoint.pickle.PickleException;
import dev.mediator.checkpoint.pickle.PickleFunction;
import dev.mediator.checkpoint.pickle.PickleGlobal;
import dev.mediator.checkpoint.pickle.Quoted;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Kinds of tensors that PyTorch files can hold and that are not read: each is known as what it is, with the way out. */
final class RefusedTensors {
    /** What each takes in memory. */
    private static final int BYTES = 64;

    private static final String STORAGE = "Storage";
    private static final String PROGRAM =
            "TorchScript programs; in Python: torch.save(program.state_dict(), \"weights.pt\")";
    private static final String CAST = resaved("float()");
    private static final String RESOLVED = "a tensor that is to be negated or conjugated, which is not supported"
            + resaved("resolve_conj().resolve_neg()");
    private static final String LEAVE_OUT =
            "; in Python: torch.save({k: v for k, v in state_dict.items() if not %s}, \"plain.pt\")";
    private static final String META =
            "tensors without numbers (of the device 'meta')" + String.format(Locale.ROOT, LEAVE_OUT, "v.is_meta");
    private static final String UNINITIALISED = "parameters that were not initialised yet"
            + String.format(Locale.ROOT, LEAVE_OUT, "torch.nn.parameter.is_lazy(v)");
    private static final String QUANTISED = "quantised tensors, which are not supported" + resaved("dequantize()");
    private static final String SPARSE = "sparse tensors, which are not supported" + resaved("to_dense()");
    private static final String COMPLEX =
            "complex tensors, which are not supported" + resaved("real if v.is_complex() else v");
    private static final String OF_A_DEVICE =
            "tensors of another kind of device, which are not supported" + resaved("cpu()");

    /** By the beginning of a name. */
    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("torch._utils._rebuild_qtensor", QUANTISED),
            Map.entry("torch.QInt", QUANTISED),
            Map.entry("torch.QUInt", QUANTISED),
            Map.entry("torch._utils._rebuild_sparse", SPARSE),
            Map.entry(
                    "torch._utils._rebuild_nested_tensor",
                    "nested tensors, which are not supported" + resaved("to_padded_tensor(0) if v.is_nested else v")),
            Map.entry("torch.Complex", COMPLEX),
            Map.entry("torch._utils._rebuild_meta_tensor_no_storage", META),
            Map.entry("torch._utils._rebuild_device_tensor_from_numpy", OF_A_DEVICE),
            Map.entry("torch.nn.parameter.Uninitialized", UNINITIALISED),
            Map.entry(
                    "torch._utils._rebuild_wrapper_subclass",
                    "tensors of a class of their own (quantised or distributed ones), which are not supported"
                            + resaved("dequantize()")),
            Map.entry("torch.jit.", PROGRAM));

    private RefusedTensors() {}

    /** What to do in Python with tensors that have plain ones to be made of. */
    private static String resaved(String plain) {
        return "; in Python: torch.save({k: v." + plain + " for k, v in state_dict.items()}, \"plain.pt\")";
    }

    /**
     * What a name stands for that makes such tensors: a function that gives a {@link RefusedTensor}. Null if it is something else.
     *
     * @throws PickleException if it stands for a program
     */
    static @Nullable PickleGlobal find(String fullName) throws PickleException {
        for (Map.Entry<String, String> known : REASONS.entrySet()) {
            if (fullName.startsWith(known.getKey())) {
                String reason = known.getValue();
                if (reason.equals(PROGRAM)) {
                    throw new PickleException("it asks for " + Quoted.of(fullName) + ": it has " + reason);
                }
                return fullName.endsWith(STORAGE)
                        ? TorchStorage.Type.refused(fullName, reason)
                        : new PickleFunction(fullName, arguments -> refused(arguments, reason));
            }
        }
        return fullName.startsWith("torch.") && fullName.endsWith(STORAGE)
                ? TorchStorage.Type.refused(
                        fullName, "a tensor of " + Quoted.of(fullName) + ", which is not known" + CAST)
                : null;
    }

    /** A tensor of an element type that is not read. */
    static RefusedTensor ofType(Arguments arguments, String type) throws PickleException {
        return refused(arguments, "a tensor of " + Quoted.of(type) + ", which is not supported" + CAST);
    }

    /** A tensor whose numbers stand for others. */
    static RefusedTensor toBeResolved(Arguments arguments) throws PickleException {
        return refused(arguments, RESOLVED);
    }

    static RefusedTensor refused(Arguments arguments, String reason) throws PickleException {
        arguments.budget().charge(BYTES);
        return new RefusedTensor(reason);
    }
}
