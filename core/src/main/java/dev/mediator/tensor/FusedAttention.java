package dev.mediator.tensor;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * softmax(q·kᵀ)·v and its gradient in libtorch's fused kernels, which never hold all probabilities at once.
 *
 * @param kernel that computed it
 * @param out [B, M, N, K]
 * @param kept what its gradient needs beside factors and result, in the kernel's own layout
 */
public record FusedAttention(Kernel kernel, Tensor out, List<Tensor> kept) {
    /** Which of libtorch's kernels. */
    public enum Kernel {
        /** For CPUs; keeps the logarithm of each row's sum of exponentials. */
        HOST {
            @Override
            List<Tensor> forward(Tensor q, Tensor k, Tensor v) {
                return Host.FORWARD.call(
                        new IValue(q), new IValue(k), new IValue(v), noDropout(), notCausal(), noMask(), scale());
            }

            @Override
            List<Tensor> backward(FusedAttention made, Tensor dOut, Tensor q, Tensor k, Tensor v) {
                return Host.BACKWARD.call(
                        new IValue(dOut),
                        new IValue(q),
                        new IValue(k),
                        new IValue(v),
                        new IValue(made.out),
                        new IValue(made.kept.get(0)),
                        noDropout(),
                        notCausal(),
                        noMask(),
                        scale());
            }
        },
        /** For bf16 on cards (arXiv 2307.08691); keeps that logarithm, and the state of a dropout that does not happen. */
        FLASH {
            @Override
            List<Tensor> forward(Tensor q, Tensor k, Tensor v) {
                IValue withProbabilities = new IValue(false);
                return Flash.FORWARD.call(
                        new IValue(q),
                        new IValue(k),
                        new IValue(v),
                        noDropout(),
                        notCausal(),
                        withProbabilities,
                        scale());
            }

            @Override
            List<Tensor> backward(FusedAttention made, Tensor dOut, Tensor q, Tensor k, Tensor v) {
                IValue sameLengths = new IValue(new Tensor()); // where sequences of different lengths would begin
                return Flash.BACKWARD.call(
                        new IValue(dOut),
                        new IValue(q),
                        new IValue(k),
                        new IValue(v),
                        new IValue(made.out),
                        new IValue(made.kept.get(0)),
                        sameLengths,
                        sameLengths,
                        new IValue(q.size(2)),
                        new IValue(k.size(2)),
                        noDropout(),
                        notCausal(),
                        new IValue(made.kept.get(1)),
                        new IValue(made.kept.get(2)),
                        scale());
            }
        },
        /** For fp32 on cards (arXiv 2112.05682); keeps the same. */
        EFFICIENT {
            @Override
            List<Tensor> forward(Tensor q, Tensor k, Tensor v) {
                IValue withLogSum = new IValue(true);
                return Efficient.FORWARD.call(
                        new IValue(q),
                        new IValue(k),
                        new IValue(v),
                        noMask(),
                        withLogSum,
                        noDropout(),
                        notCausal(),
                        scale());
            }

            @Override
            List<Tensor> backward(FusedAttention made, Tensor dOut, Tensor q, Tensor k, Tensor v) {
                IValue noBias = new IValue(new Tensor());
                IValue wanted = Efficient.BACKWARD.list(10).ofFlags(true, true, true, false); // none of a bias
                return Efficient.BACKWARD.call(
                        new IValue(dOut),
                        new IValue(q),
                        new IValue(k),
                        new IValue(v),
                        noBias,
                        new IValue(made.out),
                        new IValue(made.kept.get(0)),
                        new IValue(made.kept.get(1)),
                        new IValue(made.kept.get(2)),
                        noDropout(),
                        wanted,
                        notCausal(),
                        scale());
            }
        };

        /** The result, then what is kept. */
        abstract List<Tensor> forward(Tensor q, Tensor k, Tensor v);

        /** Gradients of q, k and v. */
        abstract List<Tensor> backward(FusedAttention made, Tensor dOut, Tensor q, Tensor k, Tensor v);

        /**
         * The kernel that is the fastest way, if one is. On the CPU products written out are several times faster in bf16; on
         * cards the kernels want rows of whole 16 bytes.
         *
         * @param headWidth K
         */
        static Optional<Kernel> fastest(ComputeDevice.Kind device, DType dtype, long headWidth) {
            return switch (device) {
                case CPU -> dtype == DType.F32 ? Optional.of(HOST) : Optional.empty();
                case CUDA -> {
                    if (dtype == DType.F32) {
                        yield headWidth % 4 == 0 ? Optional.of(EFFICIENT) : Optional.empty();
                    }
                    boolean isServed = dtype == DType.BF16 && headWidth % 8 == 0 && headWidth <= WIDEST_FLASH;
                    yield isServed ? Optional.of(FLASH) : Optional.empty();
                }
                case META -> Optional.empty();
            };
        }
    }

    private static final long WIDEST_FLASH = 256;

    /** The kernel that is the fastest way for queries of shape [B, M, N, K], if one is. */
    public static Optional<Kernel> fastest(Tensor q) {
        return Kernel.fastest(ComputeDevice.of(q).kind(), DType.of(q), q.size(3));
    }

    /** Computes it for q, k and v of shape [B, M, N, K]. */
    public static FusedAttention of(Kernel kernel, Tensor q, Tensor k, Tensor v) {
        try (Scope scope = Scope.open()) {
            List<Tensor> parts = kernel.forward(q, k, v);
            parts.forEach(scope::keep);
            return new FusedAttention(kernel, parts.get(0), parts.subList(1, parts.size()));
        }
    }

    /** The same, kept for the backward pass. */
    public FusedAttention keptBy(Saved saved) {
        return new FusedAttention(
                kernel, saved.keep(out), kept.stream().map(saved::keep).toList());
    }

    /** Gradients of q, k and v from that of the result. */
    public List<Tensor> backward(Tensor dOut, Tensor q, Tensor k, Tensor v) {
        return kernel.backward(this, dOut, q, k, v);
    }

    private static IValue noDropout() {
        return new IValue(0.0);
    }

    private static IValue notCausal() {
        return new IValue(false);
    }

    private static IValue noMask() {
        return new IValue();
    }

    private static IValue scale() {
        return new IValue(1.0);
    }

    // Found when first needed: other devices' builds may lack them.

    private static final class Host {
        private static final String NAME = "aten::_scaled_dot_product_flash_attention_for_cpu";
        static final NamedOperator FORWARD = new NamedOperator(NAME, "", 0, 1);
        static final NamedOperator BACKWARD = new NamedOperator(NAME + "_backward", "", 0, 1, 2);
    }

    private static final class Flash {
        private static final String NAME = "aten::_scaled_dot_product_flash_attention";
        static final NamedOperator FORWARD = new NamedOperator(NAME, "", 0, 1, 6, 7);
        static final NamedOperator BACKWARD = new NamedOperator(NAME + "_backward", "", 0, 1, 2);
    }

    private static final class Efficient {
        private static final String NAME = "aten::_scaled_dot_product_efficient_attention";
        static final NamedOperator FORWARD = new NamedOperator(NAME, "", 0, 1, 2, 3);
        static final NamedOperator BACKWARD = new NamedOperator(NAME + "_backward", "", 0, 1, 2);
    }
}
