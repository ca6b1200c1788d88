package dev.mediator.nn;

import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Shapes;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Parameters from a map, converted to one element type; remembers which were asked for.
 *
 * <p>For one thread at a time, since it notes what was asked for.
 */
public final class StoredParameters implements ParameterSource {
    private final Map<String, Tensor> tensors;
    private final Placement placement;
    private final Set<String> used = new HashSet<>();

    /**
     * @param tensors name → tensor
     * @param dtype element type that the layers get, on the host; tensors that have it already are not copied
     */
    public StoredParameters(Map<String, Tensor> tensors, DType dtype) {
        this(tensors, Placement.cpu(dtype));
    }

    /**
     * @param tensors name → tensor
     * @param placement where and in what the layers get them; tensors that are so already are not copied
     */
    public StoredParameters(Map<String, Tensor> tensors, Placement placement) {
        this.tensors = tensors;
        this.placement = placement;
    }

    @Override
    public Tensor get(String name, Init init, long... shape) {
        Cancellation.check();
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    "the checkpoint lacks tensor '" + name + "' of shape " + Arrays.toString(shape));
        }
        used.add(name);
        return placement.put(Shapes.require(tensor, "tensor '" + name + "' of the checkpoint", shape));
    }

    /** Names in the map that no layer asked for. */
    public List<String> unused() {
        return tensors.keySet().stream().filter(n -> !used.contains(n)).toList();
    }
}
