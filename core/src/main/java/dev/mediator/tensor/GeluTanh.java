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
    private final Tensor wide; // [PIECE], like those that follow
    private final Tensor w;
    private final Tensor sigma;
    private final Tensor product;

    private GeluTanh(Tensor x) {
        DType dtype = DType.of(x) == DType.F64 ? DType.F64 : DType.F32;
        rounds = DType.of(x) != dtype;
        TensorOptions options = x.options().dtype(new ScalarTypeOptional(dtype.scalarType()));
        long[] size = {Math.min(x.numel(), PIECE)};
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
        try (Scope scope = Scope.open()) {
            Tensor value = torch.empty_like(x);
            Tensor in = x.view(-1);
            Tensor out = value.view(-1);
            GeluTanh gelu = new GeluTanh(x);
            for (long from = 0; from < x.numel(); from += PIECE) {
                long length = Math.min(PIECE, x.numel() - from);
                try (Scope piece = Scope.open()) {
                    gelu.compute(in.narrow(0, from, length), out.narrow(0, from, length), length);
                }
            }
            return scope.keep(value);
        }
    }

    /** x becomes the slope. */
    private void compute(Tensor x, Tensor value, long length) {
        Tensor in = rounds ? wide.narrow(0, 0, length).copy_(x) : x;
        Tensor w = torch.addcmul_out(this.w.narrow(0, 0, length), a, in, in, new Scalar(B)).mul_(in);
        Tensor sigma = torch.sigmoid_out(this.sigma.narrow(0, 0, length), w);
        Tensor product = this.product.narrow(0, 0, length);
        store(torch.mul_out(rounds ? product : value, sigma, in), value);

        w.sub_(in, new Scalar(2 * A / 3)); // x·w'/3
        torch.sigmoid_backward_out(product, w, sigma); // σ·(1 − σ)·x·w'/3
        store(torch.add_out(rounds ? sigma : x, sigma, product, new Scalar(3.0)), x);
    }

    private void store(Tensor computed, Tensor target) {
        if (rounds) {
            target.copy_(computed);
        }
    }
}
