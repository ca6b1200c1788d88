package dev.mediator.codec;

import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A convolution with stride and border.
 *
 * @param weight [out, in, k, k]
 * @param bias [out]
 * @param stride along both axes
 * @param border rows and columns of zeros on each side
 */
record Convolution(Tensor weight, Tensor bias, long stride, long border) implements Layer {
    /** 3×3, same size. */
    static Convolution same(ParameterSource source, String name, long in, long out) {
        return of(source, name, in, out, 3, 1, 1);
    }

    /** 1×1. */
    static Convolution pointwise(ParameterSource source, String name, long in, long out) {
        return of(source, name, in, out, 1, 1, 0);
    }

    /** 3×3 with stride 2: half the size. The border is below and to the right only, as in the published networks. */
    static Layer halving(ParameterSource source, String name, long channels) {
        Convolution convolution = of(source, name, channels, channels, 3, 2, 0);
        return (x, strips) -> Scope.keepResult(() -> convolution.apply(torch.constant_pad_nd(x, 0, 1, 0, 1)));
    }

    private static Convolution of(
            ParameterSource source, String name, long in, long out, long kernel, long stride, long border) {
        return new Convolution(
                source.get(name + ".weight", Init.XAVIER_UNIFORM, out, in, kernel, kernel),
                source.get(name + ".bias", Init.ZERO, out),
                stride,
                border);
    }

    Tensor apply(Tensor x) {
        return Ops.convolution(x, weight, bias, stride, new long[] {border, border}, 1);
    }

    @Override
    public Tensor apply(Tensor x, Strips strips) {
        return apply(x);
    }
}
