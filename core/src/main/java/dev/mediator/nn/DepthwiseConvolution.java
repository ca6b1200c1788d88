package dev.mediator.nn;

import dev.mediator.tensor.Gradients;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.OpsGradient;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A 3×3 convolution of each channel of a square token map by itself, with a border of zeros.
 *
 * @param kernel [D, 1, 3, 3]
 * @param bias [D]
 */
record DepthwiseConvolution(Tensor kernel, Tensor bias) {
    /** Takes {@code name.weight} and {@code name.bias}. */
    static DepthwiseConvolution of(ParameterSource source, String name, long width) {
        return new DepthwiseConvolution(
                source.get(name + ".weight", Init.DEPTHWISE_UNIFORM, width, 1, 3, 3),
                source.get(name + ".bias", Init.DEPTHWISE_UNIFORM, width));
    }

    /** [B, N, D] → [B, N, D]. */
    Tensor apply(Tensor x) {
        return tokens(Ops.depthwiseConvolution(map(x), kernel, bias));
    }

    /** From the gradient of the result to that of x, both [B, N, D]. */
    Tensor backward(Tensor dy, Tensor x, Gradients gradients) {
        OpsGradient.OfProduct d = OpsGradient.depthwiseConvolution(map(dy), map(x), kernel, gradients.needs(kernel));
        d.putParameters(kernel, bias, gradients);
        return tokens(d.x());
    }

    List<Tensor> parameters() {
        return List.of(kernel, bias);
    }

    /** [B, N, D] → [B, D, h, w] without a copy: channels-last memory. */
    static Tensor map(Tensor x) {
        long side = Math.round(Math.sqrt((double) x.size(1)));
        return x.view(x.size(0), side, side, x.size(2)).permute(0, 3, 1, 2);
    }

    /** [B, D, h, w] → [B, N, D], without a copy of channels-last memory. */
    static Tensor tokens(Tensor map) {
        return map.permute(0, 2, 3, 1).reshape(map.size(0), map.size(2) * map.size(3), map.size(1));
    }
}
