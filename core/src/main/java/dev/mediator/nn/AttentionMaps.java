package dev.mediator.nn;

import dev.mediator.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * Which token of a layer's input each token attends to, and how much: a distribution over the N keys for each query, in
 * each head. Applied to the values v [B, M, N, K] it gives o, what the layer projects (mediator attention adds a
 * convolution of v first).
 */
public sealed interface AttentionMaps {
    /** Number of tokens N. */
    long tokens();

    /**
     * The map from queries to keys; every row sums to 1.
     *
     * @return [B, M, N, N]
     */
    Tensor effective();

    /**
     * Some rows of {@link #effective}, without the others.
     *
     * @param queries R token numbers, 0 to N − 1, repetitions allowed
     * @return [B, M, R, N]
     */
    Tensor rows(long... queries);

    /**
     * Softmax attention.
     *
     * @param map softmax(q·kᵀ/√K) [B, M, N, N]
     */
    record Softmax(Tensor map) implements AttentionMaps {
        @Override
        public long tokens() {
            return map.size(3);
        }

        @Override
        public Tensor effective() {
            return map;
        }

        @Override
        public Tensor rows(long... queries) {
            return select(map, queries);
        }
    }

    /**
     * Attention in two stages: the mediators read the tokens, the tokens read the mediators.
     *
     * @param read softmax(T·kᵀ/√K + b_read) [B, M, n, N]
     * @param write softmax(q·Tᵀ/√K + b_write) [B, M, N, n]
     */
    record Mediated(Tensor read, Tensor write) implements AttentionMaps {
        @Override
        public long tokens() {
            return read.size(3);
        }

        @Override
        public Tensor effective() {
            return Ops.matmul(write, read);
        }

        @Override
        public Tensor rows(long... queries) {
            return Ops.matmul(select(write, queries), read);
        }
    }

    private static Tensor select(Tensor map, long... queries) {
        return Ops.select(map, 2, queries);
    }
}
