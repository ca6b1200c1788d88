package dev.mediator.nn;

import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Shapes;
import java.util.Arrays;

/** How a fresh parameter is filled (DiT's initialisation, method section 2). */
public enum Init {
    /** All zero: biases, modulations, the final layer. The network starts as the identity over its blocks. */
    ZERO,
    /** All one: the scale of a normalisation. */
    ONE,
    /** U(±√(6/(fanIn + fanOut))) over the matrix [out, everything else]: linear layers and the patch embedding. */
    XAVIER_UNIFORM,
    /** U(±1/3): the 3×3 depthwise convolution and its bias, whose fan-in is nine. */
    DEPTHWISE_UNIFORM,
    /**
     * N(0, 0.02²): label table, time MLP and bias maps. (The published recipe cuts the bias maps' normal at ±2; that
     * is a hundred standard deviations, which no draw reaches.)
     */
    NORMAL;

    private static final double STD = 0.02;

    /** Row-major values of a parameter of this shape. */
    float[] values(RandomStream random, long... shape) {
        int count = Shapes.arrayLength(shape);
        return switch (this) {
            case ZERO -> new float[count];
            case ONE -> {
                float[] ones = new float[count];
                Arrays.fill(ones, 1);
                yield ones;
            }
            case XAVIER_UNIFORM -> {
                double fanOut = shape[0];
                double fanIn = count / fanOut;
                yield uniform(random, count, Math.sqrt(6 / (fanIn + fanOut)));
            }
            case DEPTHWISE_UNIFORM -> uniform(random, count, 1.0 / 3);
            case NORMAL -> normal(random, count);
        };
    }

    private static float[] uniform(RandomStream random, int count, double bound) {
        double[] u = random.uniforms(0, count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) ((2 * u[i] - 1) * bound);
        }
        return values;
    }

    private static float[] normal(RandomStream random, int count) {
        float[] values = random.normals(0, count);
        for (int i = 0; i < count; i++) {
            values[i] = (float) (values[i] * STD);
        }
        return values;
    }
}
