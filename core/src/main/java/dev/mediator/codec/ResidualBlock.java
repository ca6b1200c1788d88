package dev.mediator.codec;

import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Two normalised convolutions beside the input (arXiv 1512.03385), which a 1×1 convolution brings to another width. Where no
 * gradient is recorded the sum may be written over the input.
 *
 * <p>A block may begin with doubling its input's side. In strips the doubled input is never stored: it would be the largest
 * map of a decoder, and is computed twice instead, once for its statistics.
 */
final class ResidualBlock implements Layer {
    private final NormConvolution first;
    private final NormConvolution second;
    private final @Nullable Convolution shortcut;
    private final @Nullable Convolution doubling;

    ResidualBlock(ParameterSource source, long in, long out, long groups) {
        this(source, in, out, groups, null);
    }

    /** @param doubling what follows the enlargement of the input; null if it stays as it is */
    ResidualBlock(ParameterSource source, long in, long out, long groups, @Nullable Convolution doubling) {
        first = NormConvolution.of(source, "norm1", "conv1", in, out, groups);
        second = NormConvolution.of(source, "norm2", "conv2", out, out, groups);
        shortcut = in == out ? null : Convolution.pointwise(source, "conv_shortcut", in, out);
        this.doubling = doubling;
    }

    @Override
    public Tensor apply(Tensor x, Strips strips) {
        return Scope.keepResult(() -> {
            Rows.@Nullable Doubled doubled = doubling == null ? null : new Rows.Doubled(x, doubling);
            Rows rows = doubled == null ? Rows.of(x) : doubled;
            if (strips.holdWhole(rows.shape())) {
                return whole(doubled == null ? x : doubled.whole());
            }
            boolean overwrites = doubled == null && shortcut == null;
            return inStrips(rows, overwrites ? x.alias() : Strips.empty(rows, first.channels()), !overwrites, strips);
        });
    }

    private Tensor whole(Tensor x) {
        Tensor inner = first.whole(x);
        Tensor branch = second.whole(inner);
        inner.close(); // large maps: as early as may be
        return Ops.addTo(branch, shortcut == null ? x : shortcut.apply(x));
    }

    /**
     * The same for large maps.
     *
     * @param sum what the result is written to
     * @param isEmpty whether the input must be put there first
     */
    private Tensor inStrips(Rows x, Tensor sum, boolean isEmpty, Strips strips) {
        Tensor inner = Strips.empty(x, first.channels());
        UnaryOperator<Tensor> firstInParts = first.inParts(x, strips);
        strips.forEach(x.shape(), strip -> {
            Tensor part = x.part(strip.from(), strip.to());
            strip.put(inner, firstInParts.apply(part));
            if (isEmpty) {
                strip.put(sum, shortcut == null ? part : shortcut.apply(part));
            }
        });
        Rows innerRows = Rows.of(inner);
        UnaryOperator<Tensor> secondInParts = second.inParts(innerRows, strips);
        strips.forEach(
                innerRows.shape(),
                strip -> strip.add(sum, secondInParts.apply(innerRows.part(strip.from(), strip.to()))));
        return sum;
    }
}
