package dev.mediator.tensor;

import java.util.IdentityHashMap;
import org.bytedeco.pytorch.Tensor;

/** Where a way back puts the gradients of all inputs but the first. */
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
