package dev.mediator.app.bench;

import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights of a network whose speed is measured: normal numbers, small enough for all layers to stay finite, drawn where and in
 * what they are wanted. What they are does not matter for speed, and drawing hundreds of millions as a training begins with them
 * takes longer than measuring.
 *
 * @param placement where they are wanted
 */
record AnyWeights(Placement placement) implements ParameterSource {
    private static final double DEVIATION = 0.02;

    @Override
    public Tensor get(String name, Init init, long... shape) {
        return Scope.keepResult(() -> placement.empty(shape).normal_(0, DEVIATION, new GeneratorOptional()));
    }
}
