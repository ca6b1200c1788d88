package dev.mediator.benchmarks;

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

    KeptTensors(DType dtype) {
        Engine.start();
        this.dtype = dtype;
    }

    /** Standard normal values. */
    Tensor normal(long... shape) {
        long stream = tensors.size();
        return keep(() -> Tensors.to(new RandomStream(0, stream).normalTensor(0, shape), dtype));
    }

    /** Weights of a layer. */
    ParameterSource parameters() {
        FreshParameters fresh = new FreshParameters(0);
        return (name, init, shape) -> keep(() -> Tensors.to(fresh.get(name, init, shape), dtype));
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
        tensors.forEach(Tensor::close);
    }
}
