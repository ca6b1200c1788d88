package dev.mediator.codec;

import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Group normalisation (arXiv 1803.08494), ε = 1e-6.
 *
 * @param weight [C]
 * @param bias [C]
 * @param groups of channels that share mean and variance, over all pixels
 */
record GroupNorm(Tensor weight, Tensor bias, long groups) {
    private static final double EPSILON = 1e-6;

    static GroupNorm of(ParameterSource source, String name, long channels, long groups) {
        return new GroupNorm(
                source.get(name + ".weight", Init.ONE, channels),
                source.get(name + ".bias", Init.ZERO, channels),
                groups);
    }

    /** [B, C, H, W] → [B, C, H, W]. */
    Tensor apply(Tensor x) {
        return torch.group_norm(x, groups, new TensorOptional(weight), new TensorOptional(bias), EPSILON, true);
    }

    /**
     * The normalisation of a whole map as a function of its strips, which are computed in fp32 whatever their type. Sees the
     * map once.
     *
     * @param x [B, C, H, W]
     * @return [B, C, h, W] → [B, C, h, W], for the calling thread's scope
     */
    UnaryOperator<Tensor> over(Tensor x, Strips strips) {
        Moments moments = new Moments(Math.toIntExact(x.size(0) * groups));
        long rows = strips.rows(x);
        for (long first = 0; first < x.size(2); first += rows) {
            try (Scope scope = Scope.open()) {
                Tensor strip = x.narrow(2, first, Math.min(rows, x.size(2) - first));
                Tensor values =
                        Tensors.to(strip, DType.F32).contiguous().view(x.size(0) * groups, -1L); // [B·G, C/G·h·W]
                Tensor mean = values.mean(new long[] {1}, true, new ScalarTypeOptional());
                Tensor squares = values.sub(mean).square_();
                moments.add(
                        values.size(1),
                        Tensors.doubles(mean),
                        Tensors.doubles(squares.mean(new long[] {1}, true, new ScalarTypeOptional())));
            }
        }
        long perGroup = x.size(1) / groups;
        Tensor mean = perChannel(moments.mean, x.size(0), perGroup); // [B, C]
        Tensor deviation = perChannel(moments.deviation(), x.size(0), perGroup);
        Tensor scale = Tensors.to(weight, DType.F32).div(deviation);
        Tensor shift = Tensors.to(bias, DType.F32).sub(mean.mul(scale)).unsqueeze(2).unsqueeze(3); // [B, C, 1, 1]
        Tensor factor = scale.unsqueeze(2).unsqueeze(3);
        return strip -> torch.addcmul(shift, Tensors.to(strip, DType.F32), factor, new Scalar(1.0));
    }

    private Tensor perChannel(double[] perGroup, long batch, long channels) {
        return Tensors.to(Tensors.of(perGroup, batch, groups, 1), DType.F32)
                .expand(batch, groups, channels)
                .reshape(batch, groups * channels);
    }

    /** Mean and variance of parts put together (Chan, Golub and LeVeque, 1983), which loses no digits as sums of squares do. */
    private static final class Moments {
        private final double[] mean;
        private final double[] squares; // sum of squared distances from the mean
        private long count;

        Moments(int groups) {
            mean = new double[groups];
            squares = new double[groups];
        }

        void add(long number, double[] partMean, double[] partVariance) {
            long total = count + number;
            for (int i = 0; i < mean.length; i++) {
                double delta = partMean[i] - mean[i];
                squares[i] += partVariance[i] * number + delta * delta * count * number / total;
                mean[i] += delta * number / total;
            }
            count = total;
        }

        double[] deviation() {
            return Arrays.stream(squares).map(s -> Math.sqrt(s / count + EPSILON)).toArray();
        }
    }
}
