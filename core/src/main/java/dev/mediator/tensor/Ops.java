package dev.mediator.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptionalList;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** libtorch operations with the arguments that this library uses, routed to the kernel that is fastest for them. */
public final class Ops {
    private Ops() {}

    /**
     * x·Wᵀ + b over the last axis.
     *
     * <p>On the CPU, products run as a 1×1 convolution over channels-last memory, which is the same arithmetic but goes
     * through oneDNN: in fp32 about twice as fast as OpenBLAS and on the same threads as everything else; in bf16, which
     * takes oneDNN in any case, the bias is added inside the product instead of being copied into the output first.
     *
     * @param x [..., in], contiguous
     * @param weight [out, in], plain or from {@link #packLinear}; with a packed one no gradient is recorded
     * @param bias [out]
     * @return [..., out]
     */
    public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
        MacCounter.countLinear(x, weight);
        if (isPacked(weight)) {
            return OneDnn.linear(x, weight, bias);
        }
        TensorOptional b = new TensorOptional(bias);
        boolean throughOneDnn = x.dim() == 3 && OneDnn.serves(x);
        if (!throughOneDnn) {
            return torch.linear(x, weight, b);
        }
        Tensor map = x.unsqueeze(1).permute(0, 3, 1, 2); // [B, in, 1, N], channels-last
        Tensor kernel = weight.unsqueeze(2).unsqueeze(3); // [out, in, 1, 1]
        return torch.conv2d(map, kernel, b, ONE_BY_ONE, NO_PADDING, ONE_BY_ONE, 1)
                .permute(0, 2, 3, 1)
                .squeeze(1);
    }

    /**
     * A weight of {@link #linear} in the order in which oneDNN multiplies it fastest: it would bring a plain one into that
     * order at each product, which takes a tenth of a forward pass.
     *
     * @param weight [out, in]
     * @return a copy for {@code linear} and {@link #linearGeluTanh} only; the weight itself where oneDNN does not multiply
     */
    public static Tensor packLinear(Tensor weight) {
        return OneDnn.serves(weight) ? OneDnn.pack(weight) : weight;
    }

    /** True if a tensor is one that {@link #packLinear} packed. */
    public static boolean isPacked(Tensor weight) {
        return weight.is_mkldnn();
    }

    /**
     * tanh-GELU of x·Wᵀ + b. Where no gradient is recorded, oneDNN computes both in one pass over memory; the GELU then
     * costs next to nothing instead of as much as the product.
     *
     * @param x [..., in], contiguous
     * @param weight [out, in], plain or packed
     * @param bias [out]
     * @return [..., out]
     */
    public static Tensor linearGeluTanh(Tensor x, Tensor weight, Tensor bias) {
        return !GradMode.is_enabled() && OneDnn.serves(x)
                ? OneDnn.linearGeluTanh(x, weight, bias)
                : torch.gelu(linear(x, weight, bias), "tanh");
    }

    /**
     * tanh-GELU and its slope: what a forward pass needs whose backward pass is written by hand.
     *
     * @param x contiguous; becomes gelu'(x)
     * @return gelu(x)
     */
    public static Tensor geluTanhAndSlope(Tensor x) {
        return GeluTanh.applyAndDerive(x);
    }

    /**
     * a·b of the last two axes, batched over those before. For products that are not worth a faster kernel.
     *
     * @param a [..., i, k]
     * @param b [..., k, j]
     * @return [..., i, j]
     */
    public static Tensor matmul(Tensor a, Tensor b) {
        Tensor product = a.matmul(b);
        MacCounter.countMatmul(a, product);
        return product;
    }

    /**
     * Depthwise 3×3 convolution of a map, with a border of zeros.
     *
     * @param map [B, D, h, w]
     * @param kernel [D, 1, 3, 3]
     * @param bias [D]
     * @return [B, D, h, w]
     */
    public static Tensor depthwiseConvolution(Tensor map, Tensor kernel, Tensor bias) {
        MacCounter.countDepthwiseConvolution(map, kernel);
        return torch.conv2d(map, kernel, new TensorOptional(bias), ONE_BY_ONE, ONE_BY_ONE, ONE_BY_ONE, map.size(1));
    }

    /**
     * Convolution of a map, with a border of zeros.
     *
     * @param map [B, C, H, W]
     * @param kernel [out, C/groups, a, b]
     * @param bias [out], null for none
     * @param stride step along both axes
     * @param padding rows of zeros above and below, columns of zeros left and right
     * @param groups into how many parts the channels are cut, each seen by its own kernels
     * @return [B, out, h, w]
     */
    public static Tensor convolution(
            Tensor map, Tensor kernel, @Nullable Tensor bias, long stride, long[] padding, long groups) {
        TensorOptional b = bias == null ? new TensorOptional() : new TensorOptional(bias);
        Tensor product = torch.conv2d(map, kernel, b, new long[] {stride, stride}, padding, ONE_BY_ONE, groups);
        MacCounter.countConvolution(kernel, product);
        return product;
    }

    /**
     * softmax(q·kᵀ/√K)·v by libtorch's fused kernel, which never holds the map of all pairs. On the CPU it computes in fp32,
     * since that kernel is many times slower in bf16.
     *
     * @param q [B, M, Q, K]
     * @param k [B, M, N, K]
     * @param v [B, M, N, K]
     * @return [B, M, Q, K]
     */
    public static Tensor attention(Tensor q, Tensor k, Tensor v) {
        MacCounter.countAttention(q, k);
        DType dtype = DType.of(q);
        DType inside = q.is_cpu() && dtype == DType.BF16 ? DType.F32 : dtype;
        Tensor read = torch.scaled_dot_product_attention(
                Tensors.to(q, inside),
                Tensors.to(k, inside),
                Tensors.to(v, inside),
                new TensorOptional(),
                0.0,
                false,
                new DoubleOptional(),
                false);
        return Tensors.to(read, dtype);
    }

    /** LayerNorm over the last axis without affine part, ε = 1e-6. */
    public static Tensor layerNorm(Tensor x) {
        return torch.layer_norm(x, new long[] {x.size(-1)}, new TensorOptional(), new TensorOptional(), EPSILON, true);
    }

    /**
     * What {@link #layerNorm} computes, with what its gradient needs.
     *
     * @param value (x − mean)·inverse, of the shape of x
     * @param mean [..., 1]
     * @param inverse 1/√(variance + ε), [..., 1]
     */
    public record Normalised(Tensor value, Tensor mean, Tensor inverse) {}

    /** {@link #layerNorm}, keeping mean and deviation. */
    public static Normalised normalise(Tensor x) {
        T_TensorTensorTensor_T parts = torch.native_layer_norm(
                x, new long[] {x.size(-1)}, new TensorOptional(), new TensorOptional(), EPSILON);
        return new Normalised(new Tensor(parts.get0()), new Tensor(parts.get1()), new Tensor(parts.get2()));
    }

    /** x + value. */
    public static Tensor add(Tensor x, double value) {
        return x.add(new Scalar(value));
    }

    /**
     * x + y, broadcasting y. Where no gradient is recorded the sum is written over {@code x}, which saves a pass over
     * fresh memory: x must be the caller's own intermediate result.
     */
    public static Tensor addTo(Tensor x, Tensor y) {
        return GradMode.is_enabled() ? x.add(y) : x.add_(y);
    }

    /** x · value. */
    public static Tensor mul(Tensor x, double value) {
        return x.mul(new Scalar(value));
    }

    /** base + a·b, broadcasting, in one pass. */
    public static Tensor addProduct(Tensor base, Tensor a, Tensor b) {
        return torch.addcmul(base, a, b, new Scalar(1.0));
    }

    /**
     * Cuts a tensor into equal parts along an axis, as views. Gradients of all parts flow back in one pass, where those of
     * parts taken one by one would each be padded to the whole.
     */
    public static List<Tensor> split(Tensor x, int parts, long axis) {
        try (TensorVector views = torch.split(x, x.size(axis) / parts, axis)) {
            List<Tensor> result = new ArrayList<>();
            for (long i = 0; i < views.size(); i++) {
                result.add(new Tensor(views.get(i))); // the vector owns what it hands out
            }
            return result;
        }
    }

    /** Some of a tensor's entries along an axis, by their numbers. */
    public static Tensor select(Tensor x, long axis, long... entries) {
        TensorOptionalList indices = new TensorOptionalList();
        for (long before = 0; before < axis; before++) {
            indices.push_back(new TensorOptional());
        }
        indices.push_back(new TensorOptional(ComputeDevice.of(x).put(Tensors.of(entries, entries.length))));
        return x.index(indices);
    }

    /** Joins tensors along an axis. */
    public static Tensor cat(long axis, Tensor... parts) {
        return torch.cat(new TensorVector(parts), axis);
    }

    /** Softmax over an axis. */
    public static Tensor softmax(Tensor x, long axis) {
        return torch.softmax(x, axis, new ScalarTypeOptional());
    }

    private static final double EPSILON = 1e-6;
    private static final long[] ONE_BY_ONE = {1, 1};
    private static final long[] NO_PADDING = {0, 0};
}
