package dev.mediator.tensor;

import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Where a way back puts the gradients of all inputs but the first. */
public final class Gradients {
    private final Map<Tensor, Slot> slots; // by identity
    private final Tensor joint; // all gradients, one behind the other

    Gradients(Map<Tensor, Slot> slots, Tensor joint) {
        this.slots = slots;
        this.joint = joint;
    }

    /**
     * Puts the gradient of an input in its place, or does not compute it if nobody asks for it. Inputs without one have a
     * gradient of zero.
     */
    public void put(Tensor input, Supplier<Tensor> gradient) {
        Slot slot = slots.get(input);
        if (slot != null) {
            slot.of(joint).copy_(gradient.get());
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
