package dev.mediator.analysis;

import dev.mediator.nn.AttentionMaps;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How much the queries of a layer differ in what they look at (arXiv 2408.05710): the mean Jensen-Shannon divergence of
 * two rows of its attention map,
 *
 * <pre>
 *   S = 2/(M·N·(N−1)) · Σ_heads Σ_{i&lt;j} JSD(row_i, row_j)      JSD(p, q) = H((p + q)/2) − (H(p) + H(q))/2
 * </pre>
 *
 * with natural logarithms. 0 says that all queries see the same, so that most of the map is redundant; ln 2 that no two
 * look at a common token. A batch has the mean score of its samples.
 *
 * @param score S, 0 to ln 2 up to rounding
 * @param standardError of S if it was estimated from some of the pairs, 0 if it is exact
 */
public record Redundancy(double score, double standardError) {
    /** All pairs are compared up to this many tokens. */
    public static final int EXACT_TOKENS = 256;

    /** Pairs compared beyond that, if nothing else is asked for: about as much work as all pairs of {@link #EXACT_TOKENS}. */
    public static final int DEFAULT_PAIRS = 8192;

    private static final double LN_2 = Math.log(2);
    private static final long CHUNK =
            1 << 18; // elements compared at once, per head: they stay in the processor's cache

    /** Exact up to {@link #EXACT_TOKENS} tokens, else from a number of pairs. */
    public static Redundancy of(AttentionMaps maps, int pairs, RandomStream stream) {
        return maps.tokens() <= EXACT_TOKENS ? exact(maps) : sampled(maps, pairs, stream);
    }

    /** Compares all pairs of rows. No tensor is larger than the map in fp64. */
    public static Redundancy exact(AttentionMaps maps) {
        try (Scope scope = Scope.open()) {
            Tensor rows = Tensors.to(maps.effective(), DType.F64).flatten(0, 1); // [B·M, N, N]
            long n = rows.size(1);
            return new Redundancy(
                    n < 2 ? 0 : 2 * Tensors.scalar(sumOverPairs(rows)) / ((double) rows.size(0) * n * (n - 1)), 0);
        }
    }

    /** Divergences of all pairs of rows, added up where the rows are: a card is not waited for at each of them. */
    static Tensor sumOverPairs(Tensor rows) {
        try (Scope scope = Scope.open()) {
            Tensor entropies = entropy(rows); // [B·M, N]
            Tensor sum = torch.zeros(new long[] {1}, rows.options());
            long n = rows.size(1);
            for (long i = 0; i < n - 1; i++) {
                try (Scope step = Scope.open()) {
                    long others = n - 1 - i;
                    Tensor divergences = divergence(
                            rows.narrow(1, i, 1),
                            entropies.narrow(1, i, 1),
                            rows.narrow(1, i + 1, others),
                            entropies.narrow(1, i + 1, others));
                    sum.add_(divergences.sum());
                }
            }
            return scope.keep(sum);
        }
    }

    /**
     * Compares pairs of rows that are drawn uniformly, the same ones in all heads and samples of the batch.
     *
     * @param pairs how many, at least 2
     * @param stream where they are drawn from
     */
    public static Redundancy sampled(AttentionMaps maps, int pairs, RandomStream stream) {
        requirePairs(pairs);
        long n = maps.tokens();
        if (n < 2) {
            throw new IllegalArgumentException("the map has " + n + " tokens, a pair needs 2");
        }
        double[] u = stream.uniforms(0, 2 * pairs);
        long[] first = new long[pairs];
        long[] second = new long[pairs];
        for (int i = 0; i < pairs; i++) {
            first[i] = (long) (u[2 * i] * n);
            long other = (long) (u[2 * i + 1] * (n - 1));
            second[i] = other < first[i] ? other : other + 1; // another row than the first
        }
        double[] divergences = new double[pairs];
        int chunk = (int) Math.max(1, CHUNK / n);
        for (int from = 0; from < pairs; from += chunk) {
            int to = Math.min(pairs, from + chunk);
            double[] part =
                    divergences(maps, Arrays.copyOfRange(first, from, to), Arrays.copyOfRange(second, from, to));
            System.arraycopy(part, 0, divergences, from, part.length);
        }
        return meanOf(divergences);
    }

    /** Refuses numbers of pairs that no standard error can be told of. */
    public static void requirePairs(int pairs) {
        if (pairs < 2 || pairs > 100_000_000) {
            throw new IllegalArgumentException("pairs is " + pairs + ", allowed are 2 to 100000000");
        }
    }

    /** The score in units of its upper bound, 0 to 1. */
    public double normalised() {
        return score / LN_2;
    }

    /** Divergence of each pair, averaged over heads and samples. */
    private static double[] divergences(AttentionMaps maps, long[] first, long[] second) {
        try (Scope scope = Scope.open()) {
            Tensor p = Tensors.to(maps.rows(first), DType.F64); // [B, M, P, N]
            Tensor q = Tensors.to(maps.rows(second), DType.F64);
            return Tensors.doubles(divergence(p, entropy(p), q, entropy(q)).mean(new long[] {0, 1}));
        }
    }

    private static Redundancy meanOf(double... values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return new Redundancy(mean, Math.sqrt(squares / (values.length - 1) / values.length));
    }

    /** JSD of rows p and q [..., N] with entropies hp and hq [...], broadcasting. */
    private static Tensor divergence(Tensor p, Tensor hp, Tensor q, Tensor hq) {
        Scalar half = new Scalar(0.5);
        return entropy(p.add(q).mul(half)).sub(hp.add(hq).mul(half));
    }

    /** −Σ p·ln p over the last axis, with 0·ln 0 = 0. */
    private static Tensor entropy(Tensor p) {
        Tensor logarithms = p.clamp_min(new Scalar(Double.MIN_NORMAL)).log();
        return p.mul(logarithms)
                .sum(new long[] {-1}, false, new ScalarTypeOptional())
                .neg();
    }
}
