package dev.mediator.vision;

import dev.mediator.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The tensors of a network, which live until it is closed. */
final class OwnedTensors implements AutoCloseable {
    private final List<Tensor> tensors = new ArrayList<>();

    /** Takes a tensor out of its scope and keeps it. */
    Tensor add(Scope scope, Tensor tensor) {
        Tensor kept = scope.release(tensor);
        tensors.add(kept);
        return kept;
    }

    @Override
    public void close() {
        tensors.forEach(Tensor::close);
        tensors.clear();
    }
}
