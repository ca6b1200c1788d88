package dev.mediator.nn;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Parameters from a map, converted to one element type; remembers which were asked for. */
public final class StoredParameters implements ParameterSource {
    private final Map<String, Tensor> tensors;
    private final DType dtype;
    private final Set<String> used = new HashSet<>();

    /**
     * @param tensors name → tensor
     * @param dtype element type that the layers get; tensors that have it already are not copied
     */
    public StoredParameters(Map<String, Tensor> tensors, DType dtype) {
        this.tensors = tensors;
        this.dtype = dtype;
    }

    @Override
    public Tensor get(String name, Init init, long... shape) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    "the checkpoint lacks tensor '" + name + "' of shape " + Arrays.toString(shape));
        }
        used.add(name);
        return Tensors.to(Shapes.require(tensor, "tensor '" + name + "' of the checkpoint", shape), dtype);
    }

    /** Names in the map that no layer asked for. */
    public List<String> unused() {
        return tensors.keySet().stream().filter(n -> !used.contains(n)).toList();
    }
}
