package dev.mediator.codec;

import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Normalisation, SiLU, 3×3 convolution of the same size. */
record NormConvolution(GroupNorm norm, Convolution convolution) implements Layer {
    static NormConvolution of(ParameterSource source, String norm, String convolution, long in, long out, long groups) {
        return new NormConvolution(
                GroupNorm.of(source, norm, in, groups), Convolution.same(source, convolution, in, out));
    }

    /** Output channels. */
    long channels() {
        return convolution.bias().numel();
    }

    @Override
    public Tensor apply(Tensor x, Strips strips) {
        return Scope.keepResult(() -> {
            if (strips.holdWhole(x.shape())) {
                return whole(x);
            }
            Rows rows = Rows.of(x);
            Tensor out = Strips.empty(rows, channels());
            UnaryOperator<Tensor> inParts = inParts(rows, strips);
            strips.forEach(x.shape(), strip -> strip.put(out, inParts.apply(rows.part(strip.from(), strip.to()))));
            return out;
        });
    }

    /** Of all rows at once. */
    Tensor whole(Tensor x) {
        Tensor normalised = norm.apply(x);
        return convolution.apply(GradMode.is_enabled() ? torch.silu(normalised) : torch.silu_(normalised));
    }

    /** Of some rows of a map, as a part of the whole; the first and last one of them are not right, but at the border. */
    UnaryOperator<Tensor> inParts(Rows x, Strips strips) {
        UnaryOperator<Tensor> normalise = norm.over(x, strips);
        DType dtype = x.placement().dtype();
        return part -> convolution.apply(Tensors.to(torch.silu_(normalise.apply(part)), dtype));
    }
}
