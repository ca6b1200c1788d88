package dev.mediator.tensor;

import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Where a network computes, and in what.
 *
 * @param device that holds its parameters
 * @param dtype their element type
 */
public record Placement(ComputeDevice device, DType dtype) {
    /** On the host. */
    public static Placement cpu(DType dtype) {
        return new Placement(ComputeDevice.CPU, dtype);
    }

    /** The placement of a tensor. */
    public static Placement of(Tensor tensor) {
        return new Placement(ComputeDevice.of(tensor), DType.of(tensor));
    }

    /** A parameter as it is wanted here; the same tensor if it is so already. */
    public Tensor put(Tensor parameter) {
        return parameter.to(device.torchDevice(), dtype.scalarType(), false, false, new MemoryFormatOptional());
    }

    /** A zero tensor here. */
    public Tensor zeros(long... shape) {
        return torch.zeros(shape, options());
    }

    /** An uninitialised tensor here. */
    public Tensor empty(long... shape) {
        return torch.empty(shape, options(), null);
    }

    private TensorOptions options() {
        return Tensors.options(dtype).device(new DeviceOptional(device.torchDevice()));
    }

    /** True if a tensor is as it is wanted here. */
    public boolean holds(Tensor parameter) {
        return of(parameter).equals(this);
    }
}
