package dev.mediator.tensor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Between Java arrays and tensors. Every tensor is copied: nothing keeps pointing into a Java array. */
public final class Tensors {
    private Tensors() {}

    /** A CPU fp32 tensor with these values in row-major order. */
    public static Tensor of(float[] values, long... shape) {
        requireCount(values.length, shape);
        NativeLibraries.load();
        return Tensor.create(values, shape);
    }

    /** A CPU fp64 tensor with these values in row-major order. */
    public static Tensor of(double[] values, long... shape) {
        requireCount(values.length, shape);
        NativeLibraries.load();
        return Tensor.create(values, shape);
    }

    /** A CPU int64 tensor with these values in row-major order. */
    public static Tensor of(long[] values, long... shape) {
        requireCount(values.length, shape);
        NativeLibraries.load();
        return Tensor.create(values, shape);
    }

    /** A zero tensor on the CPU. */
    public static Tensor zeros(DType dtype, long... shape) {
        return torch.zeros(shape, options(dtype));
    }

    /** An uninitialised tensor on the CPU. */
    public static Tensor empty(DType dtype, long... shape) {
        return torch.empty(shape, options(dtype), null);
    }

    /** A CPU fp32 tensor of one value. */
    public static Tensor full(double value, long... shape) {
        TensorOptions options = options(DType.F32);
        return torch.full(shape, new Scalar(value), options);
    }

    /** One tensor element type as libtorch's options. */
    public static TensorOptions options(DType dtype) {
        NativeLibraries.load();
        return new TensorOptions(dtype.scalarType());
    }

    /** Converts element type; the same tensor when nothing changes. */
    public static Tensor to(Tensor tensor, DType dtype) {
        return tensor.to(dtype.scalarType());
    }

    /** The same values where {@code like} is and in its element type, without waiting for a card that it is on. */
    public static Tensor like(Tensor tensor, Tensor like) {
        return ComputeDevice.of(like).put(to(tensor, DType.of(like)));
    }

    /** Values as fp32 in row-major order, whatever the dtype, device and layout. */
    public static float[] floats(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            Tensor cpu = onCpu(tensor, DType.F32);
            float[] values = new float[Math.toIntExact(cpu.numel())];
            if (values.length > 0) {
                cpu.data_ptr_float().get(values);
            }
            return values;
        }
    }

    /** Values as fp64 in row-major order, whatever the dtype, device and layout. */
    public static double[] doubles(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            Tensor cpu = onCpu(tensor, DType.F64);
            double[] values = new double[Math.toIntExact(cpu.numel())];
            if (values.length > 0) {
                cpu.data_ptr_double().get(values);
            }
            return values;
        }
    }

    /** Values as int64 in row-major order. */
    public static long[] longs(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            Tensor cpu = onCpu(tensor, DType.I64);
            long[] values = new long[Math.toIntExact(cpu.numel())];
            if (values.length > 0) {
                cpu.data_ptr_long().get(values);
            }
            return values;
        }
    }

    /** The value of a one-element tensor. */
    public static double scalar(Tensor tensor) {
        return tensor.item_double();
    }

    /** True when every element is finite. */
    public static boolean isFinite(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            return torch.isfinite(tensor).all().item_bool();
        }
    }

    /** Largest absolute value, 0 for an empty tensor, in fp64. */
    public static double maxAbs(Tensor tensor) {
        if (tensor.numel() == 0) {
            return 0;
        }
        try (Scope scope = Scope.open()) {
            return to(tensor.detach(), DType.F64).abs().max().item_double();
        }
    }

    /** max|a − b| / max|b| in fp64, wherever they are: the error measure of the golden files. */
    public static double relativeError(Tensor a, Tensor b) {
        Shapes.require(a, "the tensor compared", Shapes.of(b));
        try (Scope scope = Scope.open()) {
            Tensor reference = onCpu(b, DType.F64);
            double scale = maxAbs(reference);
            double difference = maxAbs(onCpu(a, DType.F64).sub(reference));
            return scale == 0 ? difference : difference / scale;
        }
    }

    /** The CPU memory of a contiguous tensor as bytes; valid while the tensor lives. */
    public static BytePointer bytes(Tensor tensor) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("the tensor must be contiguous");
        }
        Pointer data = tensor.data_ptr();
        return new BytePointer(data).capacity(tensor.numel() * DType.of(tensor).bytes());
    }

    private static Tensor onCpu(Tensor tensor, DType dtype) {
        return tensor.detach()
                .to(ComputeDevice.CPU.torchDevice(), dtype.scalarType())
                .contiguous();
    }

    private static void requireCount(int values, long[] shape) {
        long expected = Shapes.numel(shape);
        if (values != expected) {
            throw new IllegalArgumentException("the shape holds " + expected + " values, found are " + values);
        }
    }
}
