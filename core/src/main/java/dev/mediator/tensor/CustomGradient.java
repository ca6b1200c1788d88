package dev.mediator.tensor;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;

/**
 * A function whose gradient is written by hand. To autograd it is one operation, whose inputs may be results of others
 * and whose result may go on into others.
 *
 * <p>libtorch's Java interface has no way to define such an operation, but its graph can be made to do it. All inputs are
 * joined to one vector, and the function's value is written over the part that the first input has there: a view of that
 * part is the result. In a backward pass the vector's gradient then holds the result's gradient in that part and zeros
 * elsewhere. A hook on it runs the backward pass and writes the gradients of all inputs in their places, from where autograd
 * hands them on. What the backward pass needs lives as long as libtorch's graph: a sentinel is joined as one more input, and
 * freed with the graph.
 */
public final class CustomGradient {
    /** From d loss/d value to d loss/d x; gradients of the other inputs are put in the collector. */
    @FunctionalInterface
    public interface Backward {
        Tensor apply(Tensor dValue, Gradients gradients);
    }

    /**
     * A function's value and its backward pass.
     *
     * @param value of the first input's shape
     */
    public record Result(Tensor value, Backward backward) {}

    private CustomGradient() {}

    /**
     * Computes a function and records its backward pass, if autograd is recording and somebody asks for the gradient of an input.
     * The backward pass may run several times, but cannot be differentiated itself.
     *
     * @param x first input
     * @param others further inputs that the gradient may be asked for, in the element type of {@code x}
     * @param function computes without recording; gets the keeper of what its backward pass needs
     * @return the value, of the shape of {@code x}
     */
    public static Tensor of(Tensor x, List<Tensor> others, Function<Saved, Result> function) {
        Saved saved = new Saved();
        boolean isAsked = x.requires_grad() || others.stream().anyMatch(Tensor::requires_grad);
        try (Scope scope = Scope.open()) {
            Result result = compute(function, saved);
            if (GradMode.is_enabled() && isAsked) {
                return scope.keep(record(x, others, saved, result));
            }
            saved.free();
            return scope.keep(result.value());
        } catch (RuntimeException | Error e) {
            saved.free();
            throw e;
        }
    }

    private static Result compute(Function<Saved, Result> function, Saved saved) {
        try (NoGradGuard notRecording = new NoGradGuard()) {
            return function.apply(saved);
        }
    }

    private static Tensor record(Tensor x, List<Tensor> others, Saved saved, Result result) {
        Shapes.require(result.value(), "the function's value", Shapes.of(x));
        IdentityHashMap<Tensor, Gradients.Slot> slots = new IdentityHashMap<>();
        List<Tensor> parts = new ArrayList<>(List.of(x.flatten()));
        long size = x.numel();
        for (Tensor other : others) {
            if (other.requires_grad()) {
                slots.put(other, new Gradients.Slot(size, other));
                parts.add(other.flatten());
                size += other.numel();
            }
        }
        Tensor sentinel = NativeLifetime.sentinel(x, saved::free);
        sentinel.requires_grad_(true);
        sentinel.mutable_grad().put(torch.zeros_like(sentinel)); // else it would hold on to the whole gradient
        parts.add(sentinel);

        Tensor joint = torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
        Gradients.Slot first = new Gradients.Slot(0, x);
        first.of(joint.detach()).copy_(result.value());
        joint.register_hook(hook(saved, first, slots, result.backward()));
        return first.of(joint);
    }

    private static VoidTensorHook hook(
            Saved saved, Gradients.Slot first, IdentityHashMap<Tensor, Gradients.Slot> slots, Backward backward) {
        try (Scope scope = Scope.open()) {
            return saved.own(scope.release(new VoidTensorHook() {
                @Override
                public void call(TensorBase gradient) {
                    try (Scope step = Scope.open();
                            NoGradGuard notRecording = new NoGradGuard()) {
                        // Made for this hook by the gradient of the view, the only one to use the vector: ours to
                        // change.
                        Tensor joint = new Tensor(gradient);
                        Tensor place = first.of(joint);
                        place.copy_(backward.apply(place, new Gradients(slots, joint)));
                    }
                }
            }));
        }
    }
}
