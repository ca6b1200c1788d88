package dev.mediator.tensor;

import java.util.IdentityHashMap;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Where a backward pass puts the gradients of all inputs but the first.
 *
 * <p>Belongs to the thread of the backward pass.
 */
public final class Gradients {
    private final IdentityHashMap<Tensor, Slot> slots;
    private final Tensor joint; // all gradients, one behind the other

    Gradients(IdentityHashMap<Tensor, Slot> slots, Tensor joint) {
        this.slots = slots;
        this.joint = joint;
    }

    /** True if somebody asks for the gradient of this input: else it need not be computed. */
    public boolean needs(Tensor input) {
        return slots.containsKey(input);
    }

    /** Puts the gradient of an input, or drops it if nobody asked for it. Inputs without one have a gradient of zero. */
    public void put(Tensor input, Tensor gradient) {
        Slot slot = slots.get(input);
        if (slot != null) {
            slot.of(joint).copy_(gradient);
        }
    }

    /**
     * The same places for a backward pass that was made anew, from other tensors of the same values.
     *
     * @param own the inputs that these gradients are of
     * @param anew what stands for them on the new way, one for one
     */
    public Gradients of(List<Tensor> own, List<Tensor> anew) {
        IdentityHashMap<Tensor, Slot> renamed = new IdentityHashMap<>();
        for (int i = 0; i < own.size(); i++) {
            Slot slot = slots.get(own.get(i));
            if (slot != null) {
                renamed.put(anew.get(i), slot);
            }
        }
        return new Gradients(renamed, joint);
    }

    /** A tensor's place in the joint vector. */
    static final class Slot {
        private final long offset;
        private final long[] shape;

        Slot(long offset, Tensor tensor) {
            this.offset = offset;
            this.shape = Shapes.of(tensor);
        }

        Tensor of(Tensor joint) {
            return joint.narrow(0, offset, Shapes.numel(shape)).view(shape);
        }
    }
}
