package dev.mediator.codec;

import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Tensors;
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

    /** Values whose statistics are taken at a time on the host: what stays in a processor's cache between two passes. */
    private static final long CACHED = 1L << 18;

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
     * The normalisation of a whole map as a function of its parts, which are computed in fp32 whatever their type. Sees the
     * map once.
     *
     * @return [B, C, h, W] → [B, C, h, W], for the calling thread's scope
     */
    UnaryOperator<Tensor> over(Rows x, Strips strips) {
        long[] shape = x.shape();
        ChannelMoments moments = new ChannelMoments((int) shape[0], (int) shape[1]);
        strips.forEach(shape, strip -> {
            Tensor part = x.part(strip.first(), strip.last());
            Strips atATime = part.is_cpu() ? new Strips(CACHED) : strips;
            atATime.forEach(part.shape(), few -> add(moments, part.narrow(2, few.first(), few.last() - few.first())));
        });
        ChannelMoments.Groups statistics = moments.groups((int) groups);
        ComputeDevice device = ComputeDevice.of(weight);
        Tensor mean = device.put(Tensors.to(Tensors.of(statistics.mean(), shape[0], shape[1]), DType.F32));
        Tensor variance = Tensors.of(statistics.variance(), shape[0], shape[1]);
        Tensor deviation =
                device.put(Tensors.to(variance.add(new Scalar(EPSILON)).sqrt(), DType.F32));
        Tensor scale = Tensors.to(weight, DType.F32).div(deviation); // [B, C]
        Tensor shift = Tensors.to(bias, DType.F32).sub(mean.mul(scale));
        Tensor factor = perPixel(scale);
        Tensor summand = perPixel(shift);
        return part -> torch.addcmul(summand, Tensors.to(part, DType.F32), factor, new Scalar(1.0));
    }

    private static void add(ChannelMoments moments, Tensor part) {
        Tensor values = Tensors.to(part, DType.F32);
        Tensor mean = overPixels(values); // [B, C]
        Tensor variance = overPixels(values.sub(perPixel(mean)).square_());
        moments.add(part.size(2) * part.size(3), Tensors.doubles(mean), Tensors.doubles(variance));
    }

    private static Tensor overPixels(Tensor x) {
        return x.mean(new long[] {2, 3}, false, new ScalarTypeOptional());
    }

    /** [B, C] → [B, C, 1, 1]. */
    private static Tensor perPixel(Tensor x) {
        return x.unsqueeze(2).unsqueeze(3);
    }
}
