package dev.mediator.benchmarks;

import dev.mediator.nn.FixedParameters;
import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Inputs and weights of a benchmark: made before it, the same in every run, and freed after it. */
final class KeptTensors implements AutoCloseable {
    private final DType dtype;
    private final List<Tensor> tensors = new ArrayList<>();
    private final List<FixedParameters> fixed = new ArrayList<>();

    KeptTensors(DType dtype) {
        Engine.start();
        this.dtype = dtype;
    }

    /** Standard normal values. */
    Tensor normal(long... shape) {
        long stream = tensors.size();
        return keep(() -> Tensors.to(new RandomStream(0, stream).normalTensor(0, shape), dtype));
    }

    /** Weights of a layer, as a training has them. */
    ParameterSource parameters() {
        ParameterSource converted = converted();
        return (name, init, shape) -> keep(() -> converted.get(name, init, shape));
    }

    /** Weights of a layer that only infers, as {@link dev.mediator.model.Sit#fixed} has them. */
    ParameterSource fixedParameters() {
        FixedParameters parameters = new FixedParameters(converted());
        fixed.add(parameters);
        return parameters;
    }

    private ParameterSource converted() {
        FreshParameters fresh = new FreshParameters(0);
        return (name, init, shape) -> Tensors.to(fresh.get(name, init, shape), dtype);
    }

    /** What was made of other tensors. */
    Tensor keep(Supplier<Tensor> made) {
        try (Scope scope = Scope.open()) {
            Tensor tensor = scope.release(made.get());
            tensors.add(tensor);
            return tensor;
        }
    }

    @Override
    public void close() {
        fixed.forEach(FixedParameters::close);
        tensors.forEach(Tensor::close);
    }
}
