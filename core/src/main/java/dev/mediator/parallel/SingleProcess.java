package dev.mediator.parallel;

import dev.mediator.tensor.ComputeDevice;
import org.bytedeco.pytorch.Tensor;

/** A group of one. */
record SingleProcess(ComputeDevice device) implements ProcessGroup {
    @Override
    public Member member() {
        return Member.ALONE;
    }

    @Override
    public void sum(Tensor tensor) {
        // the sum of one
    }

    @Override
    public void broadcast(Tensor tensor) {
        // is process 0's already
    }

    @Override
    public double[] sum(double... values) {
        return values;
    }

    @Override
    public String fromFirst(String text) {
        return text;
    }

    @Override
    public double fromFirst(double value) {
        return value;
    }

    @Override
    public void close() {
        // holds nothing
    }
}
