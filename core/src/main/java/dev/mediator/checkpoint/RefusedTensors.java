package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleException;
import dev.mediator.checkpoint.pickle.Quoted;
import java.util.Locale;
import java.util.Map;

/** Kinds of tensors that PyTorch files can hold and that are not read: each refused as what it is, with the way out. */
final class RefusedTensors {
    /** What to do in Python with tensors that have plain ones to be made of. */
    private static final String RESAVE =
            "; in Python: torch.save({k: v.%s for k, v in state_dict.items()}, \"plain.pt\")";

    private static final String QUANTISED =
            "quantised tensors, which are not supported" + String.format(Locale.ROOT, RESAVE, "dequantize()");
    private static final String SPARSE =
            "sparse tensors, which are not supported" + String.format(Locale.ROOT, RESAVE, "to_dense()");
    private static final String COMPLEX = "complex tensors, which are not supported"
            + String.format(Locale.ROOT, RESAVE, "real if v.is_complex() else v");
    private static final String OF_A_DEVICE =
            "tensors of another kind of device, which are not supported" + String.format(Locale.ROOT, RESAVE, "cpu()");

    /** By the beginning of a name. */
    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("torch._utils._rebuild_qtensor", QUANTISED),
            Map.entry("torch.QInt", QUANTISED),
            Map.entry("torch.QUInt", QUANTISED),
            Map.entry("torch._utils._rebuild_sparse", SPARSE),
            Map.entry("torch._utils._rebuild_nested_tensor", "nested tensors, which are not supported"),
            Map.entry("torch.Complex", COMPLEX),
            Map.entry("torch._utils._rebuild_meta_tensor_no_storage", "tensors without numbers (of the device 'meta')"),
            Map.entry("torch._utils._rebuild_device_tensor_from_numpy", OF_A_DEVICE),
            Map.entry("torch.nn.parameter.Uninitialized", "parameters that were not initialised yet"),
            Map.entry(
                    "torch._utils._rebuild_wrapper_subclass",
                    "tensors of a class of their own (quantised or distributed ones), which are not supported"
                            + String.format(Locale.ROOT, RESAVE, "dequantize()")),
            Map.entry(
                    "torch.jit.", "TorchScript programs; in Python: torch.save(program.state_dict(), \"weights.pt\")"));

    private RefusedTensors() {}

    /** Throws if a name stands for such tensors. */
    static void requireOther(String fullName) throws PickleException {
        for (Map.Entry<String, String> reason : REASONS.entrySet()) {
            if (fullName.startsWith(reason.getKey())) {
                throw new PickleException("it asks for " + Quoted.of(fullName) + ": it has " + reason.getValue());
            }
        }
        if (fullName.startsWith("torch.") && fullName.endsWith("Storage")) {
            throw new PickleException("it asks for " + Quoted.of(fullName) + ": its element type is not known");
        }
    }
}
