package dev.mediator.evaluation;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Inception score (Salimans et al., arXiv 1606.03498): exp of the mean Kullback-Leibler divergence between a sample's class
 * probabilities and those of all samples. High if each sample is clearly of one class and all classes occur; at most the
 * number of classes.
 *
 * @param mean over the splits
 * @param std over the splits, of the population (divided by their number)
 */
public record InceptionScore(double mean, double std) {
    /** Splits of the published scores. */
    public static final int DEFAULT_SPLITS = 10;

    /**
     * The score of samples in any order. They are shuffled first: splits of samples that are sorted by class would have few
     * classes each, and a score near 1.
     *
     * @param logits [N, K] a classifier's values before softmax
     * @param splits parts that are scored one by one, 1 to N
     * @param seed of the order
     */
    public static InceptionScore of(Tensor logits, int splits, long seed) {
        int count = Math.toIntExact(logits.size(0));
        return inOrder(logits, new SubsetDraw(count, new RandomStream(seed, 0)).next(count), splits);
    }

    /** The score with splits that follow each other in this order: split i holds what comes from ⌊i·N/splits⌋ on. */
    static InceptionScore inOrder(Tensor logits, long[] order, int splits) {
        Shapes.require(logits, "the logits", order.length, Shapes.ANY);
        if (splits < 1 || splits > order.length) {
            throw new IllegalArgumentException(
                    "splits is " + splits + ", allowed are 1 to the number of samples, " + order.length);
        }
        double[] scores = new double[splits];
        for (int i = 0; i < splits; i++) {
            int from = (int) ((long) i * order.length / splits);
            int to = (int) ((i + 1L) * order.length / splits);
            try (Scope scope = Scope.open()) {
                Tensor rows = Tensors.of(Arrays.copyOfRange(order, from, to), to - from);
                scores[i] = score(logits.index_select(0, rows));
            }
        }
        return new InceptionScore(Spread.mean(scores), Spread.std(scores));
    }

    /** exp(H(mean of p) − mean of H(p)), where 0·log 0 = 0. */
    private static double score(Tensor logits) {
        Tensor p = Tensors.to(logits, DType.F64).softmax(-1); // [n, K]
        Tensor marginal = p.mean(0); // [K]
        double certainty = torch.xlogy(p, p).sum(1).mean().item_double();
        double certaintyOfAll = torch.xlogy(marginal, marginal).sum().item_double();
        return Math.exp(certainty - certaintyOfAll);
    }
}
