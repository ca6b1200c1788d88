package dev.mediator.model;

import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** Weights that all matter, unlike fresh ones, whose gates are zero: N(0, scale²), a function of each name. */
record RandomWeights(double scale) implements ParameterSource {
    @Override
    public Tensor get(String name, Init init, long... shape) {
        return Scope.keepResult(() -> Ops.mul(new RandomStream(3, name.hashCode()).normalTensor(0, shape), scale));
    }

    /** These weights, but zero where the name holds this part. */
    ParameterSource withZero(String part) {
        return (name, init, shape) ->
                name.contains(part) ? new RandomWeights(0).get(name, init, shape) : get(name, init, shape);
    }
}
