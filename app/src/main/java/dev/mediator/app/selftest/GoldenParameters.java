package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The parameters under a prefix of a golden file, as leaves that collect gradients. */
final class GoldenParameters implements ParameterSource {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final StoredParameters stored;

    GoldenParameters(SafeTensors file, String prefix, ComputeDevice device) {
        Placement placement = new Placement(device, DType.F32);
        for (TensorEntry entry : file.entries()) {
            if (entry.name().startsWith(prefix)) {
                Tensor leaf = placement.put(file.get(entry.name())).clone();
                leaf.requires_grad_(true);
                tensors.put(entry.name().substring(prefix.length()), leaf);
            }
        }
        stored = new StoredParameters(tensors, placement);
    }

    /**
     * A parameter by its name without prefix.
     *
     * @throws IllegalArgumentException if there is none
     */
    Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the golden file has no parameter '" + name + "'");
        }
        return tensor;
    }

    @Override
    public Tensor get(String name, Init init, long... shape) {
        return stored.get(name, init, shape);
    }

    /** Compares {@code grad.NAME} of the file with the gradient that each parameter has collected. */
    void compareGradients(SafeTensors file, double tolerance, List<GoldenResult> results) {
        for (TensorEntry entry : file.entries()) {
            if (!entry.name().startsWith("grad.")) {
                continue;
            }
            Tensor leaf = tensors.get(entry.name().substring("grad.".length()));
            if (leaf == null || !leaf.grad().defined()) {
                results.add(GoldenResult.failed(entry.name(), "no such parameter took part"));
            } else {
                results.add(GoldenResult.compare(entry.name(), leaf.grad(), file.get(entry.name()), tolerance));
            }
        }
    }
}
