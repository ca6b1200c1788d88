package dev.mediator.codec;

import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Normalisation, SiLU, 3×3 convolution. */
record NormConvolution(GroupNorm norm, Convolution convolution) implements Layer {
    static NormConvolution of(
            ParameterSource source, String norm, String convolution, long in, long out, long groups) {
        return new NormConvolution(
                GroupNorm.of(source, norm, in, groups), Convolution.same(source, convolution, in, out));
    }

    @Override
    public Tensor apply(Tensor x, Strips strips) {
        return Scope.keepResult(() -> {
            UnaryOperator<Tensor> normalise = strips.holdWhole(x) ? norm::apply : norm.over(x, strips);
            return strips.convolve(x, strip -> activated(normalise.apply(strip), DType.of(x)), 1, convolution);
        });
    }

    private static Tensor activated(Tensor normalised, DType dtype) {
        return Tensors.to(GradMode.is_enabled() ? torch.silu(normalised) : torch.silu_(normalised), dtype);
    }
}
