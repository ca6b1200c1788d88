package dev.mediator.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.nn.AttentionMaps;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedundancyTest {
    private static final RandomStream PAIRS = new RandomStream(11, 0);

    private Scope scope;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void identicalRowsScoreZero() {
        Tensor row = Ops.softmax(new RandomStream(1, 0).normalTensor(0, 1, 2, 1, 50), 3);
        Redundancy score = Redundancy.exact(new AttentionMaps.Softmax(row.expand(1, 2, 50, 50)));

        assertThat(score.score()).isEqualTo(0, within(1e-15));
        assertThat(score.normalised()).isEqualTo(0, within(1e-15));
    }

    /** Every query looks at another token only: the zeros of such rows must not become NaN. */
    @Test
    void disjointOneHotRowsScoreTheLogarithmOfTwo() {
        AttentionMaps maps = new AttentionMaps.Softmax(torch.eye(40).view(1, 1, 40, 40));

        assertThat(Redundancy.exact(maps).score()).isEqualTo(Math.log(2), within(1e-14));
        assertThat(Redundancy.exact(maps).normalised()).isEqualTo(1, within(1e-14));
        assertThat(Redundancy.sampled(maps, 100, PAIRS).score()).isEqualTo(Math.log(2), within(1e-14));
        assertThat(Redundancy.sampled(maps, 100, PAIRS).standardError()).isEqualTo(0, within(1e-14));
    }

    /**
     * By hand: p = (1, 0) and q = (½, ½) have the mixture (¾, ¼) of entropy 2·ln 2 − ¾·ln 3, and H(p) = 0, H(q) = ln 2, so
     * JSD = 3/2·ln 2 − ¾·ln 3. The other head's rows are the same: the mean over heads is half of it.
     */
    @Test
    void twoTokensByHand() {
        Tensor map = Tensors.of(new double[] {1, 0, 0.5, 0.5, 0.3, 0.7, 0.3, 0.7}, 1, 2, 2, 2);
        double expected = (1.5 * Math.log(2) - 0.75 * Math.log(3)) / 2;

        assertThat(Redundancy.exact(new AttentionMaps.Softmax(map)).score()).isEqualTo(expected, within(1e-15));
        assertThat(Redundancy.sampled(new AttentionMaps.Softmax(map), 10, PAIRS).score())
                .isEqualTo(expected, within(1e-15));
    }

    @Test
    void aLonelyTokenHasNothingToDifferFrom() {
        AttentionMaps maps = new AttentionMaps.Softmax(torch.ones(1, 1, 1, 1));

        assertThat(Redundancy.exact(maps).score()).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Redundancy.sampled(maps, 10, PAIRS))
                .withMessageContaining("1 tokens, a pair needs 2");
    }

    /** The formula as it is written: 2/(M·N·(N−1)) · Σ_heads Σ_{i<j} JSD, summed term by term. */
    @Test
    void exactIsTheFormula() {
        Tensor map = Ops.softmax(Ops.mul(new RandomStream(2, 0).normalTensor(0, 1, 3, 21, 21), 2), 3);
        double[] values = Tensors.doubles(map);
        double sum = 0;
        for (int head = 0; head < 3; head++) {
            for (int i = 0; i < 21; i++) {
                for (int j = i + 1; j < 21; j++) {
                    sum += divergence(row(values, head, i), row(values, head, j));
                }
            }
        }
        double expected = 2.0 / (3 * 21 * 20) * sum;

        assertThat(expected).isGreaterThan(0.1);
        assertThat(Redundancy.exact(new AttentionMaps.Softmax(map)).score()).isEqualTo(expected, within(1e-13));
    }

    @Test
    void aBatchHasTheMeanScoreOfItsSamples() {
        Tensor map = Ops.softmax(new RandomStream(3, 0).normalTensor(0, 2, 2, 30, 30), 3);
        double first =
                Redundancy.exact(new AttentionMaps.Softmax(map.narrow(0, 0, 1))).score();
        double second =
                Redundancy.exact(new AttentionMaps.Softmax(map.narrow(0, 1, 1))).score();

        assertThat(first).isNotEqualTo(second);
        assertThat(Redundancy.exact(new AttentionMaps.Softmax(map)).score())
                .isEqualTo((first + second) / 2, within(1e-14));
    }

    @Test
    void mediatorsAreScoredByTheProductOfTheirStages() {
        Tensor read = Ops.softmax(Ops.mul(new RandomStream(4, 0).normalTensor(0, 1, 2, 4, 30), 2), 3);
        Tensor write = Ops.softmax(Ops.mul(new RandomStream(4, 1).normalTensor(0, 1, 2, 30, 4), 2), 3);
        AttentionMaps mediated = new AttentionMaps.Mediated(read, write);
        AttentionMaps product = new AttentionMaps.Softmax(write.matmul(read));

        assertThat(Redundancy.exact(mediated)).isEqualTo(Redundancy.exact(product));
        assertThat(Redundancy.sampled(mediated, 50, PAIRS).score())
                .isEqualTo(Redundancy.sampled(product, 50, PAIRS).score(), within(1e-6));
    }

    /** 200 estimates: their errors are as large as stated, and average out. */
    @Test
    void sampledPairsEstimateTheExactScoreWithTheStatedError() {
        AttentionMaps maps = softmax(90);
        double exact = Redundancy.exact(maps).score();
        double[] deviations = new double[200];
        for (int i = 0; i < deviations.length; i++) {
            Redundancy estimate = Redundancy.sampled(maps, 64, new RandomStream(i, 0));
            deviations[i] = (estimate.score() - exact) / estimate.standardError();
        }
        double mean = Arrays.stream(deviations).average().orElseThrow();
        double variance = Arrays.stream(deviations).map(d -> d * d).average().orElseThrow();

        assertThat(mean).isEqualTo(0, within(4 / Math.sqrt(200)));
        assertThat(variance).isBetween(0.6, 1.5);
        assertThat(Arrays.stream(deviations).map(Math::abs).max().orElseThrow()).isLessThan(5);
    }

    @Test
    void morePairsThanOneChunkAreAveragedAlike() {
        AttentionMaps maps = softmax(600); // 436 pairs per chunk
        Redundancy estimate = Redundancy.sampled(maps, 3000, PAIRS);

        assertThat(Math.abs(estimate.score() - Redundancy.exact(maps).score()))
                .isLessThan(4 * estimate.standardError());
        assertThat(estimate.standardError()).isBetween(1e-5, 1e-2);
        assertThat(Redundancy.sampled(maps, 3000, PAIRS)).isEqualTo(estimate);
        assertThat(Redundancy.sampled(maps, 3000, new RandomStream(12, 0))).isNotEqualTo(estimate);
    }

    @Test
    void upTo256TokensTheScoreIsExact() {
        AttentionMaps at = softmax(256);
        AttentionMaps beyond = softmax(257);

        assertThat(Redundancy.of(at, 5, PAIRS)).isEqualTo(Redundancy.exact(at));
        assertThat(Redundancy.of(at, 5, PAIRS).standardError()).isZero();
        assertThat(Redundancy.of(beyond, 5, PAIRS)).isEqualTo(Redundancy.sampled(beyond, 5, PAIRS));
        assertThat(Redundancy.of(beyond, 5, PAIRS).standardError()).isPositive();
    }

    @Test
    void tooFewPairsAreRefused() {
        AttentionMaps maps = softmax(300);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Redundancy.of(maps, 1, PAIRS))
                .withMessage("pairs is 1, allowed are 2 to 100000000");
    }

    private static AttentionMaps softmax(int tokens) {
        Tensor scores = Ops.mul(new RandomStream(5, tokens).normalTensor(0, 1, 2, tokens, tokens), 1.5);
        return new AttentionMaps.Softmax(Ops.softmax(scores, 3));
    }

    private static double[] row(double[] values, int head, int row) {
        int from = (head * 21 + row) * 21;
        return Arrays.copyOfRange(values, from, from + 21);
    }

    /** ½·KL(p ‖ m) + ½·KL(q ‖ m) with m = (p + q)/2, the other way to write the divergence. */
    private static double divergence(double[] p, double[] q) {
        double sum = 0;
        for (int k = 0; k < p.length; k++) {
            double m = (p[k] + q[k]) / 2;
            sum += (p[k] * Math.log(p[k] / m) + q[k] * Math.log(q[k] / m)) / 2;
        }
        return sum;
    }

    /** On a device whose values cannot be read, reading one would throw. */
    @Test
    void pairsAreAddedUpWithoutALookAtACard() {
        Tensor rows = new Placement(ComputeDevice.META, DType.F64).zeros(2, 30, 30);

        assertThat(Shapes.of(Redundancy.sumOverPairs(rows))).containsExactly(1);
    }
}
