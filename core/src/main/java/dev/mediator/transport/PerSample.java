package dev.mediator.transport;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * One fp64 number for each sample of a batch, such as its time, its step size or a coefficient of the path there.
 *
 * <p>Held on the host: path coefficients are a few flops per sample, and step-size control needs them there anyway. If
 * all samples have the same value, multiplying passes it as a scalar and copies nothing to the device.
 */
public final class PerSample {
    private final double[] values;
    private final boolean uniform;

    private PerSample(double[] values) {
        this.values = values;
        this.uniform = Arrays.stream(values).allMatch(v -> Double.compare(v, values[0]) == 0);
    }

    /** The same value for every sample. */
    public static PerSample uniform(int batch, double value) {
        double[] values = new double[batch];
        Arrays.fill(values, value);
        return of(values);
    }

    /** One value for each sample. */
    public static PerSample of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a batch has at least one sample");
        }
        return new PerSample(values.clone());
    }

    /** The values of a tensor [B]; one on the CPU avoids waiting for the device. */
    public static PerSample of(Tensor values) {
        return of(Tensors.doubles(Shapes.require(values, "values per sample", Shapes.ANY)));
    }

    /** Number of samples. */
    public int batch() {
        return values.length;
    }

    /** Value of one sample. */
    public double get(int sample) {
        return values[sample];
    }

    /** All values, in order. */
    public double[] toArray() {
        return values.clone();
    }

    /** Applies a function to each value. */
    public PerSample map(DoubleUnaryOperator function) {
        return new PerSample(Arrays.stream(values).map(function).toArray());
    }

    /** Combines with another value of each sample. */
    public PerSample combine(PerSample other, DoubleBinaryOperator function) {
        if (other.values.length != values.length) {
            throw new IllegalArgumentException(
                    "the batch has " + values.length + " samples, the other has " + other.values.length);
        }
        double[] combined = new double[values.length];
        for (int i = 0; i < combined.length; i++) {
            combined[i] = function.applyAsDouble(values[i], other.values[i]);
        }
        return new PerSample(combined);
    }

    /** Sum with another value of each sample. */
    public PerSample plus(PerSample other) {
        return combine(other, Double::sum);
    }

    /** Difference from another value of each sample. */
    public PerSample minus(PerSample other) {
        return combine(other, (a, b) -> a - b);
    }

    /** Each sample of {@code x} [B, ...] times its value, in the type of {@code x}. */
    public Tensor scale(Tensor x) {
        requireBatch(x);
        if (uniform) {
            return x.mul(new Scalar(values[0]));
        }
        long[] shape = new long[Math.toIntExact(x.dim())];
        Arrays.fill(shape, 1);
        shape[0] = values.length;
        return x.mul(Tensors.like(Tensors.of(values, shape), x));
    }

    /** The values as a tensor [B] on the host, with the type of {@code x} [B, ...]. */
    public Tensor vector(Tensor x) {
        requireBatch(x);
        return Tensors.to(Tensors.of(values, values.length), DType.of(x));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PerSample that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return uniform ? Double.toString(values[0]) : Arrays.toString(values);
    }

    private void requireBatch(Tensor x) {
        if (x.dim() < 1 || x.size(0) != values.length || !DType.of(x).isFloatingPoint()) {
            throw new IllegalArgumentException("values for " + values.length + " samples do not fit a " + DType.of(x)
                    + " tensor of shape " + Arrays.toString(Shapes.of(x)));
        }
    }
}
