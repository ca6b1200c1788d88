package dev.mediator.vision;

import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Weights that are a function of name and position, the same as in core/src/test/oracle/vision.py. */
public final class FormulaWeights implements ParameterSource {
    /** All tensors that a network asks for, by name. */
    public static Map<String, Tensor> of(Function<ParameterSource, ? extends AutoCloseable> network) throws Exception {
        FormulaWeights formula = new FormulaWeights();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        ParameterSource recording = (name, init, shape) -> {
            shapes.put(name, shape);
            return formula.get(name, init, shape);
        };
        network.apply(recording).close();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> tensors.put(name, formula.get(name, Init.ZERO, shape)));
        return tensors;
    }

    @Override
    public Tensor get(String name, Init init, long... shape) {
        double[] range = range(name, shape);
        int hash = fnv1a(name);
        float[] values = new float[Math.toIntExact(Shapes.numel(shape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (range[0] + (range[1] - range[0]) * uniform(i, hash));
        }
        return Tensors.of(values, shape);
    }

    private static double[] range(String name, long[] shape) {
        if (name.endsWith("running_var")) {
            return new double[] {0.5, 1.5};
        }
        if (name.endsWith("running_mean")) {
            return new double[] {-0.2, 0.2};
        }
        if (name.endsWith(".bias")) {
            return new double[] {-0.1, 0.3};
        }
        if (shape.length == 1) {
            return new double[] {0.8, 1.2};
        }
        double bound = Math.sqrt(6.0 * shape[0] / Shapes.numel(shape));
        return new double[] {-bound, bound};
    }

    /** A number in [0, 1) of 24 bits: the 32-bit finalizer of MurmurHash3 over position and name. */
    private static double uniform(int position, int hash) {
        int x = position * 0x9E3779B1 + hash;
        x ^= x >>> 16;
        x *= 0x85EBCA6B;
        x ^= x >>> 13;
        x *= 0xC2B2AE35;
        x ^= x >>> 16;
        return (x >>> 8) * 0x1p-24;
    }

    private static int fnv1a(String name) {
        int hash = 0x811C9DC5;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x01000193;
        }
        return hash;
    }
}
