package dev.mediator.sampling;

import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Plays back noise that is given, to repeat a run whose noise was recorded elsewhere.
 *
 * @param steps noise of each step [S, B, ...], owned by the caller
 */
public record RecordedNoise(Tensor steps) implements NoiseSource {
    @Override
    public Tensor stepNoise(int step, Tensor like) {
        if (step >= steps.size(0)) {
            throw new IllegalArgumentException("the recording holds the noise of " + steps.size(0) + " steps, step "
                    + (step + 1) + " is asked for");
        }
        Tensor noise = Shapes.require(steps.select(0, step), "recorded noise", Shapes.of(like));
        return Tensors.like(noise, like);
    }
}
