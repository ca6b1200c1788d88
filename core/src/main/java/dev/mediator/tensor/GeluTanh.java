package dev.mediator.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * tanh-GELU together with its slope, for less than libtorch takes for one of them: its tanh is slow, its sigmoid is not.
 *
 * <pre>
 *   gelu(x)  = x·σ(w)                    w = a·x + b·x³,  a = 2·√(2/π),  b = 0.044715·a
 *   gelu'(x) = σ(w) + σ(w)·(1 − σ(w))·x·w'                x·w' = 3·w − 2·a·x
 * </pre>
 *
 * <p>A tensor is worked through in pieces that stay in the cache between one operation and the next, and in fp32 even if
 * it is bf16, so that it is rounded once.
 */
final class GeluTanh {
    private static final double A = 2 * Math.sqrt(2 / Math.PI);
    private static final double B = 0.044715 * A;

    /** Elements per piece: smaller ones are not worth the calls. */
    private static final long PIECE = 1 << 19;

    private final boolean rounds; // whether input and result are narrower than what is computed in
    private final Tensor a; // [1]
    private final Tensor wide; // [length], like those that follow
    private final Tensor w;
    private final Tensor sigma;
    private final Tensor product;
    private final Scalar cubic = new Scalar(B);
    private final Scalar linear = new Scalar(2 * A / 3);
    private final Scalar three = new Scalar(3.0);

    private GeluTanh(Tensor x, long length) {
        DType dtype = DType.of(x) == DType.F64 ? DType.F64 : DType.F32;
        rounds = DType.of(x) != dtype;
        TensorOptions options = x.options().dtype(new ScalarTypeOptional(dtype.scalarType()));
        long[] size = {length};
        a = torch.full(new long[] {1}, new Scalar(A), options);
        wide = torch.empty(size, options, null);
        w = torch.empty(size, options, null);
        sigma = torch.empty(size, options, null);
        product = torch.empty(size, options, null);
    }

    /**
     * Computes both.
     *
     * @param x contiguous; becomes gelu'(x)
     * @return gelu(x)
     */
    static Tensor applyAndDerive(Tensor x) {
        return x.is_cpu() ? inPieces(x) : inTwoKernels(x);
    }

    /** A card has no slow tanh, and starting a kernel costs it more than memory traffic. */
    static Tensor inTwoKernels(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor value = torch.gelu(x, "tanh");
            Tensor one = torch.ones(new long[] {1}, x.options()).expand_as(x);
            torch.gelu_backward_outf(one, x, "tanh", x);
            return scope.keep(value);
        }
    }

    private static Tensor inPieces(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor value = torch.empty_like(x);
            Tensor in = x.view(-1);
            Tensor out = value.view(-1);
            long whole = x.numel() - x.numel() % PIECE;
            compute(in, out, 0, whole, PIECE);
            compute(in, out, whole, x.numel(), x.numel() - whole);
            return scope.keep(value);
        }
    }

    private static void compute(Tensor in, Tensor out, long from, long to, long length) {
        if (from == to) {
            return;
        }
        GeluTanh gelu = new GeluTanh(in, length);
        for (long at = from; at < to; at += length) {
            try (Scope piece = Scope.open()) {
                gelu.compute(in.narrow(0, at, length), out.narrow(0, at, length));
            }
        }
    }

    /** x becomes the slope. */
    private void compute(Tensor x, Tensor value) {
        Tensor in = rounds ? wide.copy_(x) : x;
        torch.addcmul_out(w, a, in, in, cubic).mul_(in);
        torch.sigmoid_out(sigma, w);
        store(torch.mul_out(rounds ? product : value, sigma, in), value);

        w.sub_(in, linear); // x·w'/3
        torch.sigmoid_backward_out(product, w, sigma); // σ·(1 − σ)·x·w'/3
        store(torch.add_out(rounds ? sigma : x, sigma, product, three), x);
    }

    private void store(Tensor computed, Tensor target) {
        if (rounds) {
            target.copy_(computed);
        }
    }
}
