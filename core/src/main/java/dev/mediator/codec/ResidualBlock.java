package dev.mediator.codec;

import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Two normalised convolutions beside the input (arXiv 1512.03385), which a 1×1 convolution brings to another width. */
final class ResidualBlock implements Layer {
    private final NormConvolution first;
    private final NormConvolution second;
    private final @Nullable Convolution shortcut;

    ResidualBlock(ParameterSource source, long in, long out, long groups) {
        first = NormConvolution.of(source, "norm1", "conv1", in, out, groups);
        second = NormConvolution.of(source, "norm2", "conv2", out, out, groups);
        shortcut = in == out ? null : Convolution.pointwise(source, "conv_shortcut", in, out);
    }

    @Override
    public Tensor apply(Tensor x, Strips strips) {
        return Scope.keepResult(() -> {
            Tensor inner = first.apply(x, strips);
            Tensor branch = second.apply(inner, strips);
            inner.close();
            return Ops.addTo(branch, shortcut == null ? x : shortcut.apply(x));
        });
    }
}
