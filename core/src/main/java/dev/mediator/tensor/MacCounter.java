package dev.mediator.tensor;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Counts the multiply-adds of this library's products, by the shapes that they actually have, while it is open, on the
 * thread that opened it:
 *
 * <pre>{@code
 * try (MacCounter counter = MacCounter.open()) {
 *     sit.forward(xt, t, y);
 *     report(counter.macs());
 * }
 * }</pre>
 *
 * <p>Linear layers, attention, convolutions and matrix products are counted; sums, softmax, normalisation and other
 * element-wise work are not, nor are the products of a backward pass, which libtorch issues by itself. Counters nest: an
 * inner one reports to those around it. Where none is open, a product costs one look at a thread-local variable more.
 */
public final class MacCounter implements AutoCloseable {
    private static final ThreadLocal<@Nullable MacCounter> INNERMOST = new ThreadLocal<>();

    private final @Nullable MacCounter outer;
    private long macs;
    private boolean closed;

    private MacCounter(@Nullable MacCounter outer) {
        this.outer = outer;
    }

    /** Starts to count from zero, inside the innermost open counter of this thread. */
    public static MacCounter open() {
        MacCounter counter = new MacCounter(INNERMOST.get());
        INNERMOST.set(counter);
        return counter;
    }

    /** Computes something that no counter outside is told of, such as a result that is used more than once. */
    public static <T> T uncounted(Supplier<T> computation) {
        MacCounter innermost = INNERMOST.get();
        INNERMOST.remove();
        try {
            return computation.get();
        } finally {
            if (innermost != null) {
                INNERMOST.set(innermost);
            }
        }
    }

    /** Multiply-adds since this counter was opened, until it was closed. */
    public long macs() {
        return macs;
    }

    /**
     * Stops counting.
     *
     * @throws IllegalStateException if this is another thread than the one that opened it, or a counter that was opened
     *     later is open still
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (INNERMOST.get() != this) {
            throw new IllegalStateException("a counter of multiply-adds is closed on another thread, or out of order");
        }
        closed = true;
        if (outer == null) {
            INNERMOST.remove();
        } else {
            INNERMOST.set(outer);
        }
    }

    /** Reports multiply-adds that are known otherwise: of a result that is used again, those that it took. */
    public static void count(long macs) {
        MacCounter counter = INNERMOST.get();
        if (counter != null) {
            counter.add(macs);
        }
    }

    /**
     * Reports softmax(q·kᵀ)·v: one product for the scores, one for the values.
     *
     * @param q [..., Q, K]
     * @param k [..., N, K]
     */
    public static void countAttention(Tensor q, Tensor k) {
        MacCounter counter = INNERMOST.get();
        if (counter != null) {
            counter.add(2 * q.numel() * k.size(-2));
        }
    }

    /**
     * Reports x·Wᵀ.
     *
     * @param x [..., in]
     * @param weight [out, in]
     */
    static void countLinear(Tensor x, Tensor weight) {
        MacCounter counter = INNERMOST.get();
        if (counter != null) {
            counter.add(x.numel() * weight.size(0));
        }
    }

    /**
     * Reports a·b.
     *
     * @param a [..., i, k]
     * @param product [..., i, j]
     */
    static void countMatmul(Tensor a, Tensor product) {
        MacCounter counter = INNERMOST.get();
        if (counter != null) {
            counter.add(product.numel() * a.size(-1));
        }
    }

    /**
     * Reports a depthwise convolution; products with the border's zeros count, as they do in the paper.
     *
     * @param map [B, D, h, w]
     * @param kernel [D, 1, a, b]
     */
    static void countDepthwiseConvolution(Tensor map, Tensor kernel) {
        MacCounter counter = INNERMOST.get();
        if (counter != null) {
            counter.add(map.numel() * kernel.size(2) * kernel.size(3));
        }
    }

    /**
     * Reports a convolution; products with the border's zeros count.
     *
     * @param kernel [out, in/groups, a, b]
     * @param product [B, out, h, w]
     */
    static void countConvolution(Tensor kernel, Tensor product) {
        MacCounter counter = INNERMOST.get();
        if (counter != null) {
            counter.add(product.numel() * (kernel.numel() / kernel.size(0)));
        }
    }

    private void add(long products) {
        for (MacCounter counter = this; counter != null; counter = counter.outer) {
            counter.macs += products;
        }
    }
}
