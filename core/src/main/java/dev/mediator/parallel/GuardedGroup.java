package dev.mediator.parallel;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.UseGuard;
import org.bytedeco.pytorch.Tensor;

/** A group that is closed once, waits for the call in progress, and is refused by name afterwards. */
final class GuardedGroup implements ProcessGroup {
    private final ProcessGroup group;
    private final UseGuard guard = new UseGuard("the process group");

    GuardedGroup(ProcessGroup group) {
        this.group = group;
    }

    @Override
    public Member member() {
        return group.member();
    }

    @Override
    public ComputeDevice device() {
        return group.device();
    }

    @Override
    public void sum(Tensor tensor) throws LostProcessException {
        try (UseGuard.Use use = guard.use()) {
            group.sum(tensor);
        }
    }

    @Override
    public void broadcast(Tensor tensor) throws LostProcessException {
        try (UseGuard.Use use = guard.use()) {
            group.broadcast(tensor);
        }
    }

    @Override
    public double[] sum(double... values) throws LostProcessException {
        try (UseGuard.Use use = guard.use()) {
            return group.sum(values);
        }
    }

    @Override
    public String fromFirst(String text) throws LostProcessException {
        try (UseGuard.Use use = guard.use()) {
            return group.fromFirst(text);
        }
    }

    @Override
    public double fromFirst(double value) throws LostProcessException {
        try (UseGuard.Use use = guard.use()) {
            return group.fromFirst(value);
        }
    }

    @Override
    public void close() {
        guard.close(group::close);
    }
}
