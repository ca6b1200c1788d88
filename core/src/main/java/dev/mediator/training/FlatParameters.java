package dev.mediator.training;

import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.UseGuard;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Trained parameters as slices of one fp32 buffer, and their gradients as slices of another.
 *
 * <p>A network built over this source computes in fp32 on the buffer itself, or in bf16 on a rounded copy that {@link
 * #refresh} renews after each update; the optimizer always works on the fp32 buffer. Backward passes accumulate into
 * the gradient slices in place.
 *
 * <p>Any thread may use it, one at a time; closing waits for the use in progress, and later uses are refused with an
 * {@link IllegalStateException}.
 */
public final class FlatParameters implements ParameterSource, AutoCloseable {
    /** Slices start at multiples of this many elements, so that each is aligned for vector instructions. */
    private static final long ALIGNMENT = 32;

    /** Where a parameter lies in a flat buffer. */
    private static final class Slice {
        private final long offset;
        private final long[] shape;

        Slice(long offset, long[] shape) {
            this.offset = offset;
            this.shape = shape;
        }

        Tensor of(Tensor flat) {
            return flat.narrow(0, offset, Shapes.numel(shape)).view(shape);
        }
    }

    private final UseGuard guard = new UseGuard("the parameters");
    private final Map<String, Slice> slices = new LinkedHashMap<>();
    private final Map<String, Tensor> leaves = new LinkedHashMap<>();
    private final Tensor values; // [P] fp32
    private final boolean computesInCopy; // working is not values, and workingGradients not gradients
    private final Tensor working; // [P], the values themselves or their bf16 copy
    private final Tensor workingGradients; // [P], like working
    private final Tensor gradients; // [P] fp32: sum of the working gradients since the last reset
    private boolean gradientsAreCleared; // of a bf16 network: what the buffer holds is from before the reset

    /**
     * @param initial name → starting values
     * @param placement where all of it is, and what the network computes in, F32 or BF16
     */
    public FlatParameters(Map<String, Tensor> initial, Placement placement) {
        long total = 0;
        for (Map.Entry<String, Tensor> e : initial.entrySet()) {
            Slice slice = new Slice(total, Shapes.of(e.getValue()));
            slices.put(e.getKey(), slice);
            total += (Shapes.numel(slice.shape) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        try (Scope scope = Scope.open()) {
            Placement ofValues = new Placement(placement.device(), DType.F32);
            values = ofValues.zeros(total);
            gradients = ofValues.zeros(total);
            load(values, initial);
            computesInCopy = placement.dtype() != DType.F32;
            working = computesInCopy ? placement.put(values) : values;
            workingGradients = computesInCopy ? placement.zeros(total) : gradients;
            slices.forEach((name, slice) -> {
                Tensor leaf = slice.of(working).detach();
                leaf.requires_grad_(true);
                leaf.mutable_grad().put(slice.of(workingGradients));
                leaves.put(name, leaf);
            });
            // From here on nothing can fail, and this owns what the scope has owned.
            leaves.values().forEach(scope::release);
            scope.release(values);
            scope.release(gradients);
            if (computesInCopy) {
                scope.release(working);
                scope.release(workingGradients);
            }
        }
    }

    @Override
    public Tensor get(String name, Init init, long... shape) {
        try (UseGuard.Use use = guard.use()) {
            Tensor leaf = leaves.get(name);
            if (leaf == null) {
                throw new IllegalArgumentException("no parameter '" + name + "' is trained");
            }
            return Shapes.require(leaf, "parameter '" + name + "'", shape);
        }
    }

    /** The fp32 values, [P]. */
    public Tensor values() {
        try (UseGuard.Use use = guard.use()) {
            return values;
        }
    }

    /** The fp32 gradients, [P]; call {@link #collectGradients} after a backward pass first. */
    public Tensor gradients() {
        try (UseGuard.Use use = guard.use()) {
            return gradients;
        }
    }

    /** Number of elements P of a flat buffer, padding included. */
    public long size() {
        try (UseGuard.Use use = guard.use()) {
            return values.numel();
        }
    }

    /** A flat buffer laid out like the values, seen by name; padding is left out. */
    public Map<String, Tensor> named(Tensor flat) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        slices.forEach((name, slice) -> tensors.put(name, slice.of(flat)));
        return tensors;
    }

    /** Copies named tensors into a flat buffer laid out like the values. */
    public void load(Tensor flat, Map<String, Tensor> tensors) {
        try (Scope scope = Scope.open()) {
            slices.forEach((name, slice) -> {
                Tensor tensor = tensors.get(name);
                if (tensor == null) {
                    throw new IllegalArgumentException("the source lacks tensor '" + name + "'");
                }
                Shapes.require(tensor, "tensor '" + name + "'", slice.shape);
                slice.of(flat).copy_(tensor.detach());
            });
        }
    }

    /** Adds what the last backward pass left in a bf16 network's gradients to the fp32 sum; nothing to do in fp32. */
    public void collectGradients() {
        try (UseGuard.Use use = guard.use()) {
            if (!computesInCopy) {
                return;
            }
            if (gradientsAreCleared) {
                gradients.copy_(workingGradients);
            } else {
                gradients.add_(workingGradients);
            }
            gradientsAreCleared = false;
            workingGradients.zero_();
        }
    }

    /** Starts new sums of gradients. */
    public void clearGradients() {
        try (UseGuard.Use use = guard.use()) {
            if (computesInCopy) {
                gradientsAreCleared = true;
            } else {
                gradients.zero_();
            }
        }
    }

    /** Renews a bf16 network's copy of the values; nothing to do in fp32. */
    public void refresh() {
        try (UseGuard.Use use = guard.use()) {
            if (computesInCopy) {
                working.copy_(values);
            }
        }
    }

    /** Euclidean norm of all gradients. */
    public double gradientNorm() {
        try (UseGuard.Use use = guard.use()) {
            try (Scope scope = Scope.open()) {
                return gradients.norm().item_double();
            }
        }
    }

    /** Scales all gradients down to a norm, if theirs is larger. */
    void clipGradients(double norm, double largest) {
        if (norm > largest) {
            gradients.mul_(new Scalar(largest / norm));
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            leaves.values().forEach(Tensor::close);
            if (computesInCopy) {
                working.close();
                workingGradients.close();
            }
            values.close();
            gradients.close();
        });
    }
}
